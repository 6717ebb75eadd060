/** The bytes of an answer, or that they will not come. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { collectBody } from '../../functions/adapters/kinesis/collect-body.ts';

const pieces = (): Readable => Readable.from([Buffer.from('one, '), Buffer.from('two')]);
const lengths: readonly Readonly<Record<string, string>>[] = [{}, { 'content-length': '8' }];

it.each(lengths)('pieces are one buffer: %j', async (headers) => {
  expect(String(await collectBody({ headers, body: pieces() }))).toBe('one, two');
});

it.each(lengths)(
  'a connection that closed before anybody listened is told, and not waited for: %j',
  async (headers) => {
    const body = pieces().destroy();
    await new Promise((closed) => body.once('close', closed));
    await expect(collectBody({ headers, body })).rejects.toMatchObject({ code: 'ECONNRESET' });
  },
);
