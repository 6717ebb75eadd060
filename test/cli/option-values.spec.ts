import { expect, it } from 'vitest';
import { nameOrDefined } from '../../cli/option-values.ts';
import { windowed } from '../support/pipelines.ts';

it.each([
  [{ pipeline: 'departures' }, undefined, 'departures', []],
  [{}, windowed(), 'windowed', []],
  [{ pipeline: 'windowed' }, windowed(), 'windowed', []],
  [
    { pipeline: 'departures' },
    windowed(),
    undefined,
    ['--pipeline departures: the file defines windowed; leave one of them out'],
  ],
  [{}, undefined, undefined, ['--pipeline: its name is needed, or its file']],
])(
  'a command that takes a name or a file goes by either, and refuses two pipelines: %#',
  (options, defined, name, told) => {
    const problems: string[] = [];
    expect(nameOrDefined(options, defined, problems)).toBe(name);
    expect(problems).toEqual(told);
  },
);
