/** What every place for large values guarantees (`functions/ports/blobs.ts`): the same tests for all of them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Blobs, StoredBlob } from '../../functions/ports/blobs.ts';

const marks = { v: 1 };
/** As names of batches are. */
const batch = '000000000012';
const missing = { name: 'MissingItem' };

/** `open`: where a place has pieces, of so many bytes each. */
export function blobsContract(open: (pieceBytes?: number) => Omit<Blobs, 'keptLimits'>): void {
  const named = (name = 'b') => ({ folder: `p-${randomUUID()}/state/00001`, name: `${batch}#${name}` });
  const other: StoredBlob = { chunks: 1, digest: 'x' };

  it('are what was put, at any size, and put again the same', async () => {
    const blobs = open(1_000);
    for (const size of [1, 999, 1_000, 1_001, 5_500]) {
      const [blob, bytes] = [named(), randomBytes(size)];
      const stored = await blobs.put(blob, bytes, marks);
      expect(await blobs.put(blob, bytes, marks)).toEqual(stored);
      expect(Buffer.compare(await blobs.get({ ...blob, ...stored }), bytes)).toBe(0);
    }
  });

  it('are read by range, within a piece and over several', async () => {
    const blobs = open(100);
    const [blob, bytes] = [named(), randomBytes(950)];
    const stored = { ...blob, ...(await blobs.put(blob, bytes, marks)) };
    for (const [from, length] of [
      ...[[0, 950] as const, [0, 1] as const, [949, 1] as const, [0, 100] as const, [100, 100] as const],
      ...[[99, 2] as const, [150, 700] as const, [850, 100] as const, [899, 2] as const],
    ]) {
      const range = await blobs.getRange(stored, from, length);
      expect([from, Buffer.from(range).toString('hex')]).toEqual([
        from,
        bytes.subarray(from, from + length).toString('hex'),
      ]);
    }
  });

  it('have no range behind their end, and none of what is not there (S11)', async () => {
    const blobs = open(100);
    const blob = named();
    const stored = { ...blob, ...(await blobs.put(blob, randomBytes(250), marks)) };
    for (const [from, length] of [[200, 51] as const, [250, 1] as const, [1_000, 1] as const])
      await expect(blobs.getRange(stored, from, length)).rejects.toMatchObject(missing);
    await expect(blobs.getRange({ ...stored, ...named() }, 0, 1)).rejects.toMatchObject(missing);
  });

  it('that are not there, or are other bytes than those named, are an error (S11)', async () => {
    const blobs = open();
    const blob = named();
    const stored = await blobs.put(blob, randomBytes(10), marks);
    await expect(blobs.get({ ...stored, ...named() })).rejects.toMatchObject(missing);
    await expect(blobs.get({ ...blob, ...stored, digest: other.digest })).rejects.toMatchObject(missing);
  });

  it('of a folder are given in their order, without others that lie there', async () => {
    const blobs = open(100);
    const { folder } = named();
    const put = async (name: string, bytes: Uint8Array) => ({
      name,
      ...(await blobs.put({ folder, name }, bytes, marks)),
    });
    const [one, two] = [randomBytes(250), randomBytes(10)];
    const [a, b] = [await put(`${batch}#7#b`, one), await put(`${batch}#7#a`, two)];
    await put(`${batch}#7#c`, randomBytes(10));
    const all = await blobs.getAll({ folder, prefix: `${batch}#7#` }, [a, b]);
    expect(all.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([one, two].map((x) => x.toString('hex')));
    expect(await blobs.getAll({ folder, prefix: `${batch}#7#` }, [])).toEqual([]);
    await expect(
      blobs.getAll({ folder, prefix: `${batch}#7#` }, [a, { ...b, name: `${batch}#7#d` }]),
    ).rejects.toMatchObject(missing);
  });

  it('are gone once deleted, however often, and no other with them', async () => {
    const blobs = open(100);
    const { folder } = named();
    const put = async (name: string) => {
      const blob = { folder, name };
      return { ...blob, ...(await blobs.put(blob, randomBytes(250), marks)) };
    };
    const [one, two, kept] = [await put(`${batch}#1`), await put(`${batch}#2`), await put(`${batch}#10`)];
    for (const which of [[one, two], [two], []]) await blobs.delete(which);
    for (const gone of [one, two]) await expect(blobs.get(gone)).rejects.toMatchObject(missing);
    expect(await blobs.get(kept)).toHaveLength(250);
  });
}
