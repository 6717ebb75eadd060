/** Rejected promises that nobody waits for. */
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { surviveRejections } from '../../functions/adapters/left-behind.ts';

type Said = { readonly text: string; readonly fields: Record<string, unknown> };

function open() {
  const events = new EventEmitter();
  const before: unknown[] = [];
  events.on('unhandledRejection', (reason) => before.push(reason));
  const said: Said[] = [];
  const undo = surviveRejections((text, fields) => said.push({ text, fields }), events as unknown as NodeJS.Process);
  return { events, before, said, undo, reject: (reason: unknown) => void events.emit('unhandledRejection', reason) };
}

it('are logged by name and place, without what their message quotes', () => {
  const { said, reject } = open();
  reject(new TypeError('secret\n    at secret'));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({
    text: expect.stringContaining('left behind'),
    fields: { error: 'TypeError', count: 1 },
  });
  expect(said[0]!.fields.at).toEqual(expect.arrayContaining([expect.stringContaining('left-behind.spec.ts')]));
  expect(JSON.stringify(said)).not.toContain('secret');
});

it('may have any reason', () => {
  const hostile = new Proxy(new Error('secret'), {
    get() {
      throw new Error('secret');
    },
  });
  const { said, reject } = open();
  reject(hostile);
  expect(said.map(({ fields }) => fields)).toEqual([{ error: 'unknown', count: 1 }]);
  const other = open();
  other.reject({ secret: 1 });
  expect(other.said.map(({ fields }) => fields)).toEqual([{ error: 'object', count: 1 }]);
});

it('fill no log: those are told whose number is a power of ten', () => {
  const { said, reject } = open();
  for (let count = 0; count < 1_500; count++) reject(undefined);
  expect(said.map(({ fields }) => fields.count)).toEqual([1, 10, 100, 1_000]);
});

it('reach no other listener, until that is undone', () => {
  const { before, undo, reject } = open();
  reject('one');
  expect(before).toEqual([]);
  undo();
  reject('two');
  expect(before).toEqual(['two']);
});

it('end no process, not even where a listener from before exits, as that of Lambda does', () => {
  const file = new URL('../../functions/adapters/left-behind.ts', import.meta.url);
  const code = `
    process.on('unhandledRejection', () => process.exit(128));
    const { surviveRejections } = await import(${JSON.stringify(file.href)});
    surviveRejections((text, { error }) => console.log(error));
    void Promise.reject(new RangeError('secret'));
    setTimeout(() => console.log('goes on'), 1);
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  expect(child).toMatchObject({ status: 0, stdout: 'RangeError\ngoes on\n' });
});
