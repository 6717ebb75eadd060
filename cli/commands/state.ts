/** `sluice state`: what a pipeline keeps of its open windows. Keys and values go to stdout, and nowhere else. */
import { randomUUID } from 'node:crypto';
import { createStateReader } from '../../functions/adapters/dynamodb/state-reader.ts';
import { StateTable } from '../../functions/adapters/dynamodb/state-table.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { changeCells, rowCells, sizeText, windowCells } from '../../local/report/state-text.ts';
import { tableOfRows } from '../../local/report/text-table.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { withTable } from '../local-state.ts';
import { print } from '../print.ts';
import { checkStateSettings, type StateSettings } from '../state-settings.ts';
import { atTableOrState, verbose, withBucket } from '../table-options.ts';

export const addState: AddCommand = (program) => {
  const description =
    'show what a pipeline keeps of its open windows: how large it is, and what lies in it; nothing is written';
  withBucket(
    atTableOrState(program.command('state').description(description), 'print JSON objects, one a line').option(
      ...verbose,
    ),
  )
    .argument('[file]', "the pipeline's module: values of aggregates, and --changes, need it")
    .option('--batch <n>', 'after this batch (default: the last that was committed)')
    .option('--group <n>', 'only this key group, from 0 on')
    .option('--key <key>', 'only this key: its value, or JSON: of several a list of all, or an object of some by name')
    .option('--by-window', 'how many keys each window has, instead of its rows')
    .option('--changes <from..to>', 'what is another after batch `to` than after `from`, instead of rows')
    .option('--limit <n>', 'show at most so many rows (default: 20)')
    .addHelpText('after', stateExamples)
    .action(async (file: string | undefined, options: Flags) => showState(file, options));
};

const stateExamples = `
Examples:
  npx sluice state departures.ts --table <TableName> --state-bucket <BucketName>
  npx sluice state --pipeline departures --table <TableName> --by-window
  npx sluice state departures.ts --state .sluice --key ORD --json
  npx sluice state departures.ts --table <TableName> --changes 41..42`;

async function showState(file: string | undefined, options: Flags): Promise<void> {
  const settings = await checkStateSettings(file, options);
  const { name, pipeline, batchId } = settings;
  await withTable(options, async (table, bucket) => {
    const storage = openStorage({ table, bucket, pipeline: name, clock: systemClock, newId: randomUUID });
    const reader = createStateReader(storage, pipeline);
    const state = new StateTable(reader, await reader.at(batchId));
    const shown = await firstOf(viewOf(state, settings), settings.limit);
    if (options.json === true) printObjects(state, settings, shown);
    else printText(state, settings, shown);
  });
}

type Shown = { readonly objects: readonly Line[]; readonly hasMore: boolean };
/** What is a line with `--json`, and its columns in a table. */
type Line = { readonly object: object; readonly cells: Readonly<Record<string, unknown>> };

async function* viewOf(state: StateTable, { view, from, filter }: StateSettings): AsyncGenerator<Line> {
  if (view === 'changes')
    for await (const change of state.changesSince(from!, filter)) yield { object: change, cells: changeCells(change) };
  else if (view === 'rows') for await (const row of state.rows(filter)) yield { object: row, cells: rowCells(row) };
  else {
    const { windows, left } = await state.windows(filter);
    for (const window of windows) yield { object: window, cells: windowCells(window) };
    if (left > 0) yield { object: { kind: 'others', keys: left }, cells: { kind: 'others', keys: left } };
  }
}

/** One more than is shown tells whether there are more. */
async function firstOf(lines: AsyncIterable<Line>, limit: number): Promise<Shown> {
  const objects: Line[] = [];
  for await (const line of lines) {
    if (objects.length === limit) return { objects, hasMore: true };
    objects.push(line);
  }
  return { objects, hasMore: false };
}

function printObjects(state: StateTable, { name, from, view }: StateSettings, { objects, hasMore }: Shown): void {
  const { batchId, watermark, parallelism, size, groups } = state;
  const header = { pipeline: name, batchId, ...(from === undefined ? {} : { from }), watermark, parallelism };
  print(JSON.stringify({ kind: 'state', view, ...header, ...size, groups, shown: objects.length, hasMore }));
  for (const { object } of objects) print(JSON.stringify(object));
}

const nothing = { rows: 'No open windows.', 'by-window': 'No open windows.', changes: 'Nothing is another.' } as const;

function printText(state: StateTable, { name, from, view }: StateSettings, { objects, hasMore }: Shown): void {
  print(sizeText(name, state, from));
  if (objects.length === 0) print(nothing[view]);
  else
    print(
      tableOfRows(
        objects.map(({ cells }) => cells),
        { maxRows: objects.length },
      ),
    );
  if (hasMore) print('There are more: --limit, --group, --key');
}
