/** `sluice sample`: a draft of a schema, from some events of a stream. */
import { LocalProblem } from '../../local/local-problem.ts';
import { oneLine } from '../../local/report/letter-text.ts';
import { plainTable } from '../../local/report/text-table.ts';
import { eventsWithin } from '../../local/services/events-within.ts';
import { type TailFrom, tailStream } from '../../local/services/tail-stream.ts';
import type { AddCommand } from '../command.ts';
import { readNumber } from '../event-settings.ts';
import type { Flags } from '../flags.ts';
import { print, say } from '../print.ts';
import { type FieldStatistics, statisticsOf } from '../sample/field-statistics.ts';
import { nothingSeen, type Seen, see } from '../sample/seen-values.ts';
import { zodDraft } from '../sample/zod-draft.ts';
import { atStream, readStream, type StreamAccess } from '../stream/stream-access.ts';
import { readFrom } from '../stream/tail-settings.ts';
import { untilInterrupted } from '../stream/until-interrupted.ts';

export const addSample: AddCommand = (program) => {
  atStream(
    program.command('sample').description('read some events of a stream, and draft a schema of zod for them'),
    'print one JSON object: the schema, and what is in each field',
  )
    .option('--from <place>', 'trim-horizon (the default), a moment with its zone, or epoch milliseconds')
    .option('--count <n>', 'read so many events, of all shards in turn (default: 1000)')
    .option('--values', 'show values as well: without it, none is shown but the names of fields')
    .addHelpText(
      'after',
      `
Examples:
  npx sluice sample --stream flights > flight.ts
  npx sluice sample --stream flights --from 2026-03-01T00:00:00Z --count 10000
  npx sluice sample --stream flights --json

The schema goes to stdout, what is in each field to stderr.`,
    )
    .action(async (options: Flags) => sample(options));
};

const defaultCount = 1_000;
/** So that no shard alone gives all of them. */
const recordsInTurn = 20;

async function sample(options: Flags): Promise<void> {
  const problems: string[] = [];
  const stream = readStream(options, problems);
  const from = readFrom(options, { kind: 'trim-horizon' }, problems);
  if (from.kind === 'latest') problems.push('--from latest: nothing is there yet; use trim-horizon or a time');
  const { count = defaultCount } = readNumber('count', options, { whole: true, max: 1_000_000 }, problems);
  if (problems.length > 0 || stream === undefined) throw new LocalProblem('usage', problems.join('\n'));
  const keepsValues = options.values === true;
  const found = await untilInterrupted((signal) => collect(stream, { from, count, keepsValues, signal }));
  if (found.events === 0)
    throw new LocalProblem('usage', `${stream.name} has no events there: publish some, or say another --from`);
  if (found.seen.count === 0)
    throw new LocalProblem(
      'usage',
      `None of ${found.events} events of ${stream.name} is JSON: \`npx sluice tail\` shows them`,
    );
  const fields = statisticsOf(found.seen);
  const schema = zodDraft(found.seen, 'Event');
  const { events, notJson } = found;
  if (options.json === true) print(JSON.stringify({ stream: stream.name, events, notJson, schema, fields }));
  else {
    say(tableText(fields));
    if (notJson > 0) say(`${notJson.toLocaleString('en')} of ${events.toLocaleString('en')} events are no JSON.`);
    say(`From ${found.seen.count.toLocaleString('en')} events of ${stream.name}; others may differ.`);
    print(schema.trimEnd());
  }
}

type Sampling = {
  readonly from: TailFrom;
  readonly count: number;
  readonly keepsValues: boolean;
  readonly signal: AbortSignal;
};

type Sampled = { readonly events: number; readonly notJson: number; readonly seen: Seen };

async function collect(stream: StreamAccess, { from, count, keepsValues, signal }: Sampling): Promise<Sampled> {
  const seen = nothingSeen();
  let [events, notJson] = [0, 0];
  const tail = tailStream(stream.client(), stream.target, { from, signal, untilCaughtUp: true, limit: recordsInTurn });
  for await (const records of tail) {
    for (const { data, unreadable } of records.flatMap(eventsWithin)) {
      events += 1;
      const parsed = unreadable === undefined ? parse(data) : undefined;
      if (parsed === undefined) notJson += 1;
      else see(seen, parsed.value, { keepsValues });
      if (events === count) return { events, notJson, seen };
    }
  }
  return { events, notJson, seen };
}

function parse(data: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data)) };
  } catch {
    return undefined;
  }
}

function tableText(fields: readonly FieldStatistics[]): string {
  const hasExamples = fields.some(({ examples }) => examples !== undefined);
  const table = plainTable(['field', 'present', 'types', 'longest', 'notes', ...(hasExamples ? ['examples'] : [])]);
  for (const { field, present, types, longest, notes, examples = [] } of fields)
    table.push([
      oneLine(field),
      `${Math.floor(present * 1000) / 10} %`,
      typesText(types),
      longest ?? '',
      notes.join('; '),
      ...(hasExamples ? [oneLine(examples.join(', '))] : []),
    ]);
  return table.toString();
}

function typesText(types: Readonly<Record<string, number>>): string {
  const all = Object.entries(types);
  return all.length === 1 ? all[0]![0] : all.map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(', ');
}
