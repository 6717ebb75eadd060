/** META-1: what could look at a second argument is given one. */
import { describe, expect, it } from 'vitest';
import { mayTakeMeta } from '../../functions/user-code/takes-meta.ts';

const wrapped =
  (callback: (...given: unknown[]) => unknown) =>
  (...given: unknown[]) =>
    callback(...given);
const first = <Event>(event: Event): Event => event;

describe('a callback that can see the event alone', () => {
  // biome-ignore-start lint/complexity/useArrowFunction: what is written as a function is what is asked about.
  // biome-ignore-start lint/complexity/noArguments: the same.
  it.each<[string, (...given: never) => unknown]>([
    ['of one parameter', (event: { at: number }) => event.at],
    ['of fields', ({ at }: { at: number }) => at],
    ['of fields under other names', ({ at: time, key }: { at: number; key: string }) => [time, key]],
    ['of nothing', () => 1],
    ['with callbacks of its own', (event: { list: number[] }) => event.list.map((each, at) => each + at)],
    ['without parentheses', new Function('return event => event.at')()],
    ['with a block', new Function('return ($event) => { return $event.at; }')()],
  ])('is an arrow function %s', (_, callback) => {
    expect(mayTakeMeta(callback)).toBe(false);
  });

  it.each<[string, (...given: never) => unknown]>([
    ['two parameters', (_: unknown, meta: unknown) => meta],
    ['a default', (event: { at: number }, meta: unknown = event) => meta],
    ['a default of the first', (event = 1, meta = 2) => event + meta],
    ['a default of a field', ({ at = (() => 1)() }: { at?: number }, meta: unknown) => [at, meta]],
    ['fields, and two parameters', ({ at }: { at: number }, { shardId }: { shardId: string }) => [at, shardId]],
    ['the rest', (...given: unknown[]) => given[1]],
    ['the rest behind the event', (_: unknown, ...given: unknown[]) => given[0]],
    [
      'arguments of its own',
      function (_: unknown) {
        return arguments[1];
      },
    ],
    [
      'a name, as a method',
      {
        at(event: unknown) {
          return event;
        },
      }.at,
    ],
    ['a wrapper', wrapped(() => 1)],
    ['something bound', first.bind(undefined)],
    ['a proxy', new Proxy((event: unknown) => event, {})],
    ['something native', String],
    ['a comment where nobody looks', new Function('return (event /* ) => */, meta) => meta')()],
    ['a promise to come', async (event: unknown) => event],
    ['a name of letters that no rule knows', new Function('return ärger => ärger')()],
  ])('is none with %s', (_, callback) => {
    expect(mayTakeMeta(callback)).toBe(true);
  });
  // biome-ignore-end lint/complexity/noArguments: the same.
  // biome-ignore-end lint/complexity/useArrowFunction: what is written as a function is what is asked about.

  it('is believed by its text alone, whatever it says of itself', () => {
    const liar = Object.assign((_: unknown, meta: unknown) => meta, { toString: () => '(event) => event' });
    expect(mayTakeMeta(liar)).toBe(true);
  });
});
