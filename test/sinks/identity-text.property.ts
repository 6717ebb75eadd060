/** The text of an identity is what JSON makes of it, whatever identities were written before. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventIdentity, SealedEventIdentity } from '../../functions/sinks/identity.ts';
import { withIdentity } from '../../functions/sinks/identity-text.ts';

const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 }).map((all) => String.fromCharCode(...all));
/** Few of each, so that one follows another that differs from it in one member. */
const text = (...usual: readonly string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: units });
const place = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(3));
const ofEvent = {
  v: fc.constant(1 as const),
  pipeline: text('flights', 'pi"pe'),
  output: text('main', 'audit'),
  generation: fc.nat(1),
  source: text('main', 'redrive-1'),
  shard: text('shardId-0', 'shardId-1'),
  sequence: text('4967', '4968', '', '4"7', '7\n', '١'),
  sub: place,
  index: place,
};
const whileReading: fc.Arbitrary<EventIdentity> = fc.record({
  ...ofEvent,
  base: text('TRIM_HORIZON', '4966.2', 'a\\'),
});
const afterSeal: fc.Arbitrary<SealedEventIdentity> = fc.record({ ...ofEvent, batch: fc.nat(), ref: fc.nat() });
const object = fc.constantFrom('{}', '{ }', '{"a":1}', '{ "a" : {} }', '{"":""}', '{"a":"}"}', '{"_slu":1}');

it('as JSON writes it', () => {
  const written = fc.record({
    text: object,
    name: fc.constantFrom('_sluice', 'na"me'),
    identity: fc.oneof({ weight: 5, arbitrary: whileReading }, afterSeal),
  });
  fc.assert(
    fc.property(fc.array(written, { maxLength: 12 }), (all) => {
      for (const { text: given, name, identity } of all) {
        const inside = given.slice(0, -1);
        const comma = /^\{\s*$/.test(inside) ? '' : ',';
        const expected = `${inside}${comma}${JSON.stringify(name)}:${JSON.stringify(identity)}}`;
        expect(withIdentity(given, name, identity)).toBe(expected);
      }
    }),
    { numRuns: 2_000 },
  );
});
