/** THROWN-1: whatever is thrown has a text. */
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrownText } from '../../functions/user-code/thrown-text.ts';

const thrower = () => {
  throw new Error('from within');
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const circular = () => {
  const error: { message?: unknown } = {};
  error.message = error;
  return error;
};

describe('the text of what was thrown', () => {
  it.each([
    ['an error', new Error('bad'), 'bad'],
    ['an error of another realm', runInNewContext('new Error("far")'), 'far'],
    ['an error without a message', new TypeError(), 'TypeError'],
    ['a text', 'why not', 'why not'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a whole number', 4n, '4'],
    ['an object with a code', { code: 'E_BAD' }, '{"code":"E_BAD"}'],
    ['an error whose message is an object', Object.assign(new Error('x'), { message: { code: 1 } }), '{"code":1}'],
    ['an error whose message is undefined', Object.assign(new Error('x'), { message: undefined }), 'Error'],
    ['an error whose message contains itself', circular(), '[object Object]'],
    ['an object without a prototype', Object.create(null), '[object Object]'],
    [
      'an error whose message throws',
      Object.defineProperty(new Error(), 'message', { get: thrower }),
      '[object Error]',
    ],
    ['an object that refuses to be a text', { toString: thrower, toJSON: thrower }, '[object Object]'],
    ['an object that refuses to be a primitive', { [Symbol.toPrimitive]: thrower, toJSON: thrower }, '[object Object]'],
    ['a proxy that was revoked', revoked(), 'something was thrown that has no text'],
  ])('%s', (_, thrown, text) => {
    expect(thrownText(thrown)).toBe(text);
  });

  it('is cut where a dead letter would cut it', () => {
    expect(thrownText(new Error('x'.repeat(5_000)))).toHaveLength(1_000);
    expect(thrownText({ data: 'x'.repeat(5_000) })).toHaveLength(1_000);
  });

  it('is a text for any value, whichever trap of a proxy throws', () => {
    const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'] as const;
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), fc.subarray([...traps]), (value, throwing) => {
        const handler = Object.fromEntries(throwing.map((trap) => [trap, thrower]));
        const isObject = typeof value === 'object' && value !== null;
        const text = thrownText(isObject ? new Proxy(value, handler) : value);
        expect(typeof text).toBe('string');
        expect(text).not.toBe('');
      }),
    );
  });
});
