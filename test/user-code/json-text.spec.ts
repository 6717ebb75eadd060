/** JSON-1: what JSON would change without a word is refused. */
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../functions/user-code/json-text.ts';

describe('the JSON of a value', () => {
  it.each([
    ['an object', { a: 1, b: undefined }, '{"a":1}'],
    ['an empty object', {}, '{}'],
    ['empty objects inside', { a: {}, b: [{}] }, '{"a":{},"b":[{}]}'],
    ['a field named 0', { 0: 'a' }, '{"0":"a"}'],
    ['a list', [1, null], '[1,null]'],
    ['null', null, 'null'],
    ['a Date, which writes itself', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['a map that writes itself', Object.assign(new Map(), { toJSON: () => ({}) }), '{}'],
    ['a field named then', JSON.parse('{"then":"x","none":{}}'), '{"then":"x","none":{}}'],
  ])('%s', (_, value, text) => {
    expect(jsonText(value)).toBe(text);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^undefined can't be written/],
    ['a function', () => 1, /^function can't be written/],
    ['a symbol', Symbol('s'), /^symbol can't be written/],
    ['an object that writes itself as nothing', { toJSON: () => undefined }, /^Object can't be written/],
    ['a map', new Map([['a', 1]]), /^Map has no form in JSON/],
    ['a set', new Set([1]), /^Set has no form/],
    ['numbers of a typed array', new Uint16Array([1]), /^Uint16Array has no form/],
    ['no numbers of a typed array', new Float64Array(), /^Float64Array has no form/],
    ['a buffer', new ArrayBuffer(2), /^ArrayBuffer has no form/],
    ['a view', new DataView(new ArrayBuffer(2)), /^DataView has no form/],
    ['an error', new Error('x'), /^Error has no form/],
    ['a set far inside', { a: [1, { b: new Set() }] }, /^field a\.1\.b: Set has no form/],
    ['bytes inside', { a: Uint8Array.of(1) }, /^field a: Uint8Array has no form/],
  ])('is refused of %s', (_, value, message) => {
    expect(() => jsonText(value)).toThrow(message);
  });

  it('of a promise inside is a wrong pipeline, and its rejection ends nothing', () => {
    const rejected = Promise.reject(new Error('nobody waits'));
    expect(() => jsonText({ name: { of: rejected } })).toThrow(/^map, in its field name\.of, returned a promise/);
    expect(() => jsonText({ name: { of: rejected } })).toThrow(expect.objectContaining({ name: 'InvalidPipeline' }));
  });

  it('is found in values nested as deep as JSON goes', () => {
    let value: unknown = new Set();
    for (let depth = 0; depth < 2_000; depth++) value = [value];
    expect(() => jsonText(value)).toThrow(/Set has no form/);
  });
});
