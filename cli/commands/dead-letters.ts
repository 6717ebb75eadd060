/** `sluice dead-letters`: what could not be processed, on any table of checkpoints. */
import {
  createDeadLetterReader,
  type DeadLetterReader,
  type ListedLetter,
} from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { letterId, letterPlace, letterText, oneLine, timeText } from '../../local/report/letter-text.ts';
import { plainTable } from '../../local/report/text-table.ts';
import type { AddCommand } from '../command.ts';
import { yes } from '../confirm.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { exportLetters } from '../letters/export-letters.ts';
import { letterFilter, letterObject, withLetterFilter } from '../letters/letter-options.ts';
import { redriveLetters } from '../letters/redrive-letters.ts';
import { UnreadableLetters } from '../letters/unreadable-letters.ts';
import { withTable } from '../local-state.ts';
import { requirePipelineName, textOf } from '../option-values.ts';
import { print } from '../print.ts';
import { atTableOrState, verbose, withBucket } from '../table-options.ts';

export const addDeadLetters: AddCommand = (program) => {
  const letters = program.command('dead-letters').description('what could not be processed, and why');
  withLetterFilter(
    atTableOrState(letters.command('list').description('list dead letters, in the order of their shards and records')),
  )
    .option(...verbose)
    .option('--limit <n>', 'show at most so many (default: 20)')
    .addHelpText(
      'after',
      examples(
        'npx sluice dead-letters list --pipeline departures --table <TableName>',
        'npx sluice dead-letters list --state .sluice --pipeline departures --reason schema-mismatch',
      ),
    )
    .action(async (options: Flags) => listDeadLetters(options));
  atTableOrState(letters.command('show').description('show one with its payload, as text or else as base64'))
    .option(...verbose)
    .argument('<id>', 'as `list` shows it: <source>/<shard>/<sequence number>/<event>')
    .addHelpText(
      'after',
      examples(
        'npx sluice dead-letters show main/shardId-000000000003/49…/0 --pipeline departures --table <TableName>',
      ),
    )
    .action(async (id: string, options: Flags) => showDeadLetter(id, options));
  withLetterFilter(
    atTableOrState(
      letters.command('export').description('write all of them, a JSON object on each line'),
      'print one JSON object about the file',
    ),
  )
    .option(...verbose)
    .option('--output <file>', 'into this new file (default: to stdout)')
    .option('--payload <form>', 'none, text (what is no text as base64), or base64 (default: text)')
    .addHelpText('after', exportExamples)
    .action(async (options: Flags) => exportLetters(options));
  withBucket(
    withLetterFilter(
      atTableOrState(
        letters.command('redrive').description('let the pipeline take them once more, now that its code was mended'),
      ),
    ),
  )
    .option(...verbose)
    .argument('[id...]', 'these alone, as `list` shows them (default: all that the options choose)')
    .option('--late <what>', 'of events that are late by now: count, or output (as of any late event; default)')
    .option(
      '--cancel',
      'call off the redrive that is under way: what is taken stays counted, the rest stays dead letters',
    )
    .option(...yes)
    .addHelpText('after', redriveExamples)
    .action(async (ids: readonly string[], options: Flags) => redriveLetters(ids, options));
};

const exportExamples = examples(
  'npx sluice dead-letters export --pipeline departures --table <TableName> --output letters.ndjson',
  'npx sluice dead-letters export --pipeline departures --state .sluice --reason schema-mismatch --payload none',
);

const redriveExamples = examples(
  'npx sluice dead-letters redrive --pipeline departures --table <TableName> --reason callback-failed',
  'npx sluice dead-letters redrive --pipeline departures --state .sluice --yes',
  'npx sluice dead-letters redrive --cancel --pipeline departures --table <TableName>',
);

const defaultLimit = 20;
const maxMessageShown = 80;

async function listDeadLetters(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const limit = limitOf(options);
  const filter = letterFilter(options);
  await withReader(options, pipeline, async (reader) => {
    const found: ListedLetter[] = [];
    const unreadable = new UnreadableLetters();
    // One more than is shown tells whether there are more.
    for await (const letter of reader.list(filter, unreadable.add)) {
      found.push(letter);
      if (found.length > limit) break;
    }
    const letters = found.slice(0, limit);
    const hasMore = found.length > limit;
    if (options.json === true) {
      const deadLetters = letters.map((each) => ({ id: letterId(each), ...each }));
      print(JSON.stringify({ pipeline, deadLetters, hasMore, unreadable: unreadable.told }));
    } else print([tableText(letters, hasMore), ...unreadable.lines('')].join('\n'));
  });
}

async function showDeadLetter(id: string, options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const place = letterPlace(id);
  if (place === undefined) {
    throw new LocalProblem('usage', `${id} is no dead letter: use an id that \`npx sluice dead-letters list\` shows`);
  }
  await withReader(options, pipeline, async (reader) => {
    const letter = await reader.load(place);
    if (letter === undefined) {
      throw new LocalProblem(
        'usage',
        `Pipeline ${pipeline} has no dead letter ${id}; they expire by the pipeline's \`deadLetterRetention\`.`,
      );
    }
    print(options.json === true ? JSON.stringify(letterObject(letter)) : letterText(letter));
  });
}

function limitOf(options: Flags): number {
  const text = textOf(options, 'limit');
  if (text === undefined) return defaultLimit;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new LocalProblem('usage', `--limit ${text}: use a whole number from 1 to 999,999`);
}

function tableText(letters: readonly ListedLetter[], hasMore: boolean): string {
  if (letters.length === 0) return 'No dead letters.';
  const table = plainTable(['id', 'reason', 'arrival', 'bytes', 'message']);
  for (const letter of letters) {
    const { reason, arrivalTime, payloadBytes, message } = letter;
    table.push([letterId(letter), reason, timeText(arrivalTime), payloadBytes, short(oneLine(message))]);
  }
  return hasMore ? `${table.toString()}\nThere are more: --limit, --reason, --source, --shard` : table.toString();
}

const short = (text: string): string =>
  text.length > maxMessageShown ? `${text.slice(0, maxMessageShown - 1)}…` : text;

const withReader = (options: Flags, pipeline: string, read: (reader: DeadLetterReader) => Promise<void>) =>
  withTable(options, (table) => read(createDeadLetterReader(table, pipeline)));
