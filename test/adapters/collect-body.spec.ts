/** The bytes of an answer, or that they will not come. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { collectBody, wholeOf } from '../../functions/adapters/kinesis/collect-body.ts';

const pieces = (): Readable => Readable.from([Buffer.from('one, '), Buffer.from('two')]);

it('pieces are one buffer, and are counted', async () => {
  const body = await collectBody(pieces());
  expect(body?.length).toBe(8);
  expect(String(wholeOf(body!))).toBe('one, two');
});

it('what is one buffer is another one than what came', async () => {
  const came = Buffer.from('one');
  const whole = wholeOf((await collectBody(came))!);
  whole[0] = 0;
  expect(String(came)).toBe('one');
});

it('what is neither bytes nor a stream is left alone', async () => {
  expect(await collectBody('text')).toBeUndefined();
});

it('a connection that closed before anybody listened is told, and not waited for', async () => {
  const body = pieces().destroy();
  await new Promise((closed) => body.once('close', closed));
  await expect(collectBody(body)).rejects.toMatchObject({ code: 'ECONNRESET' });
});
