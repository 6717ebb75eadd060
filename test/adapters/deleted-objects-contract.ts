/** What every bucket with versions guarantees of objects that were deleted (DELETED-1): the same tests for all of them. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Bucket } from '../../functions/ports/bucket.ts';
import type { DeletedObjects } from '../../functions/ports/deleted-objects.ts';

const text = (value: string) => new TextEncoder().encode(value);
const words = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

export function deletedObjectsContract(
  open: () => { readonly bucket: Bucket; readonly deleted: DeletedObjects },
): void {
  it('brings back what was deleted, as it was, and nothing else', async () => {
    const { bucket, deleted } = open();
    const key = `p@${randomUUID()}/000000000001/a b&c+d`;
    await bucket.putIfAbsent(key, text('it'));
    await bucket.putIfAbsent(`${key}/longer`, text('another'));
    await bucket.delete([key, `${key}/longer`]);
    expect(await bucket.get(key)).toBeUndefined();
    expect(await deleted.bringBack(key)).toBe('brought-back');
    expect([words(await bucket.get(key)), await bucket.get(`${key}/longer`)]).toEqual(['it', undefined]);
    expect(await deleted.bringBack(`${key}/longer`)).toBe('brought-back');
    expect(words(await bucket.get(`${key}/longer`))).toBe('another');
  });

  it('says of what was never there that it is gone, also where a longer name was', async () => {
    const { bucket, deleted } = open();
    const key = `p/${randomUUID()}`;
    await bucket.putIfAbsent(`${key}1`, text('another'));
    await bucket.delete([`${key}1`]);
    expect(await deleted.bringBack(key)).toBe('gone');
    expect(await bucket.get(key)).toBeUndefined();
  });
}
