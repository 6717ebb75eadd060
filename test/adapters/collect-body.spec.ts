/** The bytes of an answer, or that they will not come. */
import { Readable } from 'node:stream';
import { setImmediate as soon } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { collectBody, whileCollected, wholeOf } from '../../functions/adapters/kinesis/collect-body.ts';

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

const large = (character: string): Buffer => Buffer.alloc(10_000, character);

it.each([
  ['shorter than', 8_200],
  ['as long as', 20_001],
  ['longer than', 30_000],
])('a body that is said to be %s it is is whole', async (_, length) => {
  const came = [large('a'), large('b'), Buffer.from('c')];
  const read: string[] = [];
  await whileCollected(Readable.from(came), length, (body) => read.push(`${body.length} ${String(wholeOf(body))}`));
  expect(read).toEqual([`20001 ${String(Buffer.concat(came))}`]);
});

it('bodies that are collected side by side are not in the way of each other', async () => {
  const read: string[] = [];
  const collect = (text: string): Promise<void> =>
    whileCollected(Readable.from([large(text), large(text)]), 20_000, (body) => read.push(String(wholeOf(body))));
  for (let turn = 0; turn < 2; turn++) await Promise.all([collect('a'), collect('b')]);
  expect(read).toEqual(['a', 'b', 'a', 'b'].map((text) => text.repeat(20_000)));
});

it('nothing is used of a body that does not come to its end, or that is none', async () => {
  const cut = new Readable({ read: () => {} });
  const collected = whileCollected(cut, 20_000, () => expect.unreachable());
  cut.push(large('a'));
  cut.destroy();
  await expect(collected).rejects.toMatchObject({ code: 'ECONNRESET' });
  await whileCollected('text', 20_000, () => expect.unreachable());
});

it.each([
  ['in rooms', 16_777_216],
  ['in the pieces that it came in', Number.NaN],
])('who holds an answer holds nothing of its body: BODIES-2, %s', async (_, length) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  // More than rooms that wait may be.
  const answers = Array.from({ length: 3 }, () => new Readable({ read: () => {} }));
  const held: WeakRef<object>[] = [];
  const collected = answers.map((answer) =>
    whileCollected(answer, length, (body) => {
      held.push(new WeakRef(body.pieces.at(-1)!.buffer));
    }),
  );
  for (const answer of answers) {
    answer.push(large('a'));
    answer.push(null);
  }
  await Promise.all(collected);
  await soon();
  collectGarbage();
  expect(held[0]!.deref() === undefined).toBe(true);
  expect(answers.map(({ readableEnded }) => readableEnded)).toEqual([true, true, true]);
});
