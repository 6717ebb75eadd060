/** Which dead letters a command is about, and how a payload is shown. */
import type { Command } from 'commander';
import type { LetterFilter } from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { type DeadLetter, deadLetterReasons } from '../../functions/core/dead-letter.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { letterId } from '../../local/report/letter-text.ts';
import { readable } from '../../local/report/readable-payload.ts';
import type { Flags } from '../flags.ts';
import { textOf } from '../option-values.ts';

export const withLetterFilter = (command: Command): Command =>
  command
    .option('--source <id>', 'only those of this source: main, or results (rows that were refused)')
    .option('--shard <id>', 'only those of this shard of it (of results: group-<key group>)')
    .option('--reason <reason>', 'only those with this reason');

/** @throws LocalProblem of a reason that is none */
export function letterFilter(options: Flags): LetterFilter {
  const reason = textOf(options, 'reason');
  if (reason !== undefined && !(deadLetterReasons as readonly string[]).includes(reason))
    throw new LocalProblem('usage', `--reason ${reason}: use one of ${deadLetterReasons.join(', ')}`);
  return { source: textOf(options, 'source'), shardId: textOf(options, 'shard'), reason };
}

/** none: without; text: as text where it is text, else as base64. */
export const payloadForms = ['none', 'text', 'base64'] as const;
export type PayloadForm = (typeof payloadForms)[number];

/** @throws LocalProblem of a form that is none */
export function payloadForm(options: Flags): PayloadForm {
  const form = textOf(options, 'payload') ?? 'text';
  const known = payloadForms.find((each) => each === form);
  if (known === undefined) throw new LocalProblem('usage', `--payload ${form}: use one of ${payloadForms.join(', ')}`);
  return known;
}

export function letterObject({ payload, ...letter }: DeadLetter, form: PayloadForm = 'text'): Record<string, unknown> {
  // What was never kept has no size here: `isWithheld` says so.
  if (letter.isWithheld === true) return { id: letterId(letter), ...letter };
  const object = { id: letterId(letter), ...letter, payloadBytes: payload.length };
  if (form === 'none') return object;
  const shown = form === 'text' ? readable(payload) : base64Of(payload);
  return { ...object, payload: { [shown.form]: shown.text } };
}

const base64Of = (payload: Uint8Array) => ({ form: 'base64', text: Buffer.from(payload).toString('base64') }) as const;
