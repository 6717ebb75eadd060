/** What every bucket guarantees (`functions/ports/bucket.ts`): the same tests for all of them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Bucket } from '../../functions/ports/bucket.ts';

const text = (value: string) => new TextEncoder().encode(value);
const words = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

export function bucketContract(open: () => Bucket): void {
  const prefix = () => `p-${randomUUID()}/`;

  it('keeps what was put first under a name, whatever its size', async () => {
    const bucket = open();
    const key = `${prefix()}000000000001/a b&c`;
    const large = randomBytes(300_000);
    await bucket.putIfAbsent(key, text('first'));
    await bucket.putIfAbsent(key, text('second'));
    await bucket.putIfAbsent(`${key}/large`, large);
    expect(words(await bucket.get(key))).toBe('first');
    expect(Buffer.compare((await bucket.get(`${key}/large`))!, large)).toBe(0);
    expect(await bucket.get(`${key}/none`)).toBeUndefined();
  });

  it('gives a range as far as there is any of it', async () => {
    const bucket = open();
    const key = `${prefix()}a`;
    await bucket.putIfAbsent(key, text('0123456789'));
    const range = async (from: number, length: number) => words(await bucket.get(key, { from, length }));
    expect([await range(0, 1), await range(3, 4), await range(9, 1), await range(8, 5), await range(0, 10)]).toEqual([
      ...['0', '3456', '9', '89', '0123456789'],
    ]);
    expect(await range(10, 3)).toBe('');
    expect(await bucket.get(`${key}x`, { from: 0, length: 1 })).toBeUndefined();
  });

  it('deletes what is named, more than one request takes, and what is gone already', async () => {
    const bucket = open();
    const folder = prefix();
    const keys = Array.from({ length: 1_001 }, (_, at) => `${folder}${at}&`);
    const there = [keys[0]!, keys[999]!, keys[1_000]!, `${folder}kept`];
    for (const key of there) await bucket.putIfAbsent(key, text(key));
    await bucket.delete(keys);
    await bucket.delete(keys.slice(999));
    await bucket.delete([]);
    expect(await Promise.all(there.map(async (key) => words(await bucket.get(key))))).toEqual([
      ...[undefined, undefined, undefined, `${folder}kept`],
    ]);
  });

  it('lists what begins with a prefix, in order, from behind a name on, with times of one clock', async () => {
    const bucket = open();
    const folder = prefix();
    const keys = ['000000000010/b', '000000000009/z', '000000000009/a/b', '000000000011/a'];
    for (const key of keys) await bucket.putIfAbsent(`${folder}${key}`, text(key));
    await bucket.putIfAbsent(`${folder.slice(0, -1)}-other/000000000010/a`, text(''));
    const listed = async (after: string) => {
      const { objects, isLast, now } = await bucket.list({ prefix: folder, after: `${folder}${after}` });
      for (const { modifiedAt } of objects) expect(Math.abs(modifiedAt - now)).toBeLessThan(60_000);
      return [objects.map(({ key }) => key.slice(folder.length)), isLast] as const;
    };
    expect(await listed('')).toEqual([
      ['000000000009/a/b', '000000000009/z', '000000000010/b', '000000000011/a'],
      true,
    ]);
    expect(await listed('000000000009/a/b')).toEqual([['000000000009/z', '000000000010/b', '000000000011/a'], true]);
    expect(await listed('000000000010')).toEqual([['000000000010/b', '000000000011/a'], true]);
    expect(await listed('1')).toEqual([[], true]);
  });
}
