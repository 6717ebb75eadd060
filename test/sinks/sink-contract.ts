/** ENCODE-1 to ENCODE-4 for any kind of sinks: what is registered is tested by this. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSinks } from '../../functions/adapters/open-sinks.ts';
import { RecordLimit } from '../../functions/core/record-limit.ts';
import type { Identity } from '../../functions/sinks/identity.ts';
import type { SinkKind } from '../../functions/sinks/sink-kind.ts';
import { resultIdentity } from '../support/builders.ts';

const identity: Identity = resultIdentity();
const defaultKey = fc.string({ unit: 'binary', maxLength: 400 });
const anyObject = fc.dictionary(fc.oneof(fc.constantFrom('_sluice', 'id', 'toJSON', 'a'), fc.string()), fc.jsonValue());
const anyValue = fc.oneof(anyObject, fc.jsonValue());
const here = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };

/** `takes`: of values that have a form in JSON, those that have one there. */
export function sinkContract<Options>(
  kind: SinkKind<Options>,
  options: fc.Arbitrary<Options>,
  takes: (value: unknown) => boolean = () => true,
): void {
  const [value, object] = [anyValue.filter(takes), anyObject.filter(takes)];
  const encoded = (given: Options, of: unknown, defaultKey = 'k') => kind.encode(given, of, { identity, defaultKey });
  const textOf = (given: Options, of: unknown, as: Identity | undefined): string =>
    String(kind.encode(given, of, { identity: as, defaultKey: 'k' }).data);

  describe(`sinks ${kind.kind}`, () => {
    it('make the same bytes of the same value, whenever, and change nothing of it (ENCODE-1, ENCODE-3)', () => {
      fc.assert(
        fc.property(options, value, defaultKey, (given, of, key) => {
          const before = JSON.stringify(of);
          expect(encoded(given, of, key)).toEqual(encoded(given, JSON.parse(before), key));
          expect(JSON.stringify(of)).toBe(before);
        }),
      );
    });

    it('write the identity last, and once, or not at all (ENCODE-2)', () => {
      fc.assert(
        fc.property(options, object, (given, of) => {
          const [without, named] = [textOf(given, of, undefined), textOf(given, of, identity)];
          if (named === without) expect(kind.takesRetractions(given)).toBe(false);
          else {
            const entries = Object.entries(JSON.parse(named));
            const [field, last] = entries.at(-1)!;
            expect(last).toEqual(identity);
            expect(named.endsWith(`${JSON.stringify(field)}:${JSON.stringify(identity)}}`)).toBe(true);
            const { [field]: _, ...rest } = JSON.parse(without);
            expect(Object.fromEntries(entries.slice(0, -1))).toEqual(rest);
          }
        }),
      );
    });

    it('refuse what is too large, with how large it is and what they take (ENCODE-3)', () => {
      fc.assert(
        fc.property(options, (given) => {
          const sink = { kind: kind as SinkKind, options: given };
          const { always, atMost, said } = kind.limits(given);
          expect(always).toBeGreaterThan(0);
          expect(atMost).toBeGreaterThanOrEqual(said ?? always);
          const limit = new RecordLimit({ id: 'main', from: 'events', sent: 'while-reading', sink });
          const most = said ?? always;
          limit.learn(most);
          const record = encoded(given, 'x');
          expect(limit.objection(record, most)).toBeUndefined();
          if (most === Number.POSITIVE_INFINITY) return;
          const objection = limit.objection(record, most + 1);
          expect(objection).toContain(`${most + 1} bytes`);
          expect(objection).toContain(String(most));
        }),
      );
    });

    it('count the data of a record, at least', () => {
      fc.assert(
        fc.property(options, value, (given, of) => {
          const record = encoded(given, of);
          expect(kind.bytesOf(record)).toBeGreaterThanOrEqual(String(record.data).length);
        }),
      );
    });

    it('name where they write, the same for the same options', () => {
      fc.assert(
        fc.property(options, (given) => {
          expect(kind.destination(given)).toBe(kind.destination({ ...given }));
          expect(kind.destination(given)).not.toContain('\n');
        }),
      );
    });

    it('are granted things by their names, and nothing where no function has them (ENCODE-4)', () => {
      fc.assert(
        fc.property(options, (given) => {
          const grants = kind.grants(given, here);
          if (kind.isForDevelopment) expect(grants).toEqual([]);
          expect(new Set(grants.map(({ sid }) => sid)).size).toBe(grants.length);
          for (const { sid, actions, resources } of grants) {
            expect(sid).toMatch(/^[A-Za-z0-9]+$/);
            expect(actions.length * resources.length).toBeGreaterThan(0);
            for (const action of actions) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
            // Objects are named as they are written; a role by its name.
            for (const resource of resources)
              expect(resource).toMatch(
                kind.files && actions[0] !== 'sts:AssumeRole'
                  ? /^arn:aws[a-z-]*:s3:::[^*?]+\/[^*?]*\*$/
                  : /^arn:aws[a-z-]*:[a-z0-9]+:[^*?]+$/,
              );
          }
        }),
      );
    });

    it('can be opened, unless they are for development', () => {
      fc.assert(
        fc.property(options, (given) => {
          const output = {
            id: 'main',
            from: 'events',
            sent: 'while-reading',
            sink: { kind: kind as SinkKind, options: given },
          } as const;
          const clock = { now: () => 0, sleep: async () => {} };
          const clientAt = () => ({}) as never;
          const settingsAt = () => ({ region: 'eu-west-1', endpointUrl: undefined });
          const clients = { kinesisClientAt: clientAt, dynamodbClientAt: clientAt, settingsAt };
          const environment = { region: undefined, clock, ...clients };
          const open = () => openSinks([output], environment)(clock, undefined)('main');
          if (kind.isForDevelopment) expect(open).toThrow(/for development only/);
          else expect(open().send).toBeTypeOf('function');
        }),
      );
    });
  });
}
