/** The state of a pipeline on the screen. */
import type { StateTable } from '../../functions/adapters/dynamodb/state-table.ts';
import { endOfTime } from '../../functions/core/end-of-time.ts';
import type { StateChange } from '../../functions/core/state/state-changes.ts';
import type { StateRow } from '../../functions/core/state/state-row.ts';
import type { WindowCount } from '../../functions/core/state/window-tally.ts';
import { oneLine } from './letter-text.ts';
import { number } from './progress-text.ts';
import { plainTable } from './text-table.ts';

type Cells = Readonly<Record<string, unknown>>;

export function sizeText(
  pipeline: string,
  state: Pick<StateTable, 'batchId' | 'watermark' | 'groups' | 'size'>,
  from: number | undefined,
): string {
  const { batchId, watermark, groups, size } = state;
  const lines = [
    `pipeline   ${pipeline}`,
    `batch      ${batchId}${from === undefined ? '' : `, and what is another than after ${from}`}`,
    `watermark  ${watermarkText(watermark)}`,
    `size       ${number(size.entries)} entries; ${number(size.bytes)} bytes in ${number(size.segments)} segments, ${number(size.inlineChars)} characters inline`,
  ];
  if (groups.length === 0) return lines.join('\n');
  const table = plainTable(['group', 'last batch', 'entries', 'segments', 'runs', 'bytes', 'inline']);
  for (const group of groups) {
    const { entries, segments, runs, bytes, inlineChars } = group;
    table.push([group.group, group.batchId, ...[entries, segments, runs, bytes, inlineChars].map(number)]);
  }
  return [...lines, table.toString()].join('\n');
}

function watermarkText(watermark: number | null): string {
  if (watermark === null) return 'none';
  return watermark >= endOfTime ? 'at the end' : new Date(watermark).toISOString();
}

export const rowCells = (row: StateRow): Cells => ({ ...placeCells(row), ...contentCells(row) });

export const changeCells = ({ change, before, after, ...row }: StateChange): Cells => ({
  change,
  ...placeCells(row),
  before: before === undefined ? '' : shortOf(before),
  after: after === undefined ? '' : shortOf(after),
});

export const windowCells = ({ kind, start, end, keys, given }: WindowCount): Cells => ({
  ...{ kind, start, end, keys: number(keys), given: number(given) },
});

/** Keys are whatever events have: a terminal obeys what it is sent. */
const placeCells = ({ kind, group, key, start, end }: Pick<StateRow, 'kind' | 'group' | 'key' | 'start' | 'end'>) => ({
  group,
  kind,
  ...safe(key),
  start,
  end,
});

const contentCells = ({ values, saved = {}, given }: Pick<StateRow, 'values' | 'saved' | 'given'>): Cells => ({
  ...safe({ ...values, ...saved }),
  ...(given === undefined ? {} : { given: givenText(given) }),
});

const shortOf = ({ values, saved = {}, given }: Pick<StateRow, 'values' | 'saved' | 'given'>): string =>
  [
    ...Object.entries({ ...values, ...saved }).map(
      ([name, value]) => `${name} ${oneLine(JSON.stringify(value) ?? '')}`,
    ),
    ...(given === undefined ? [] : [`given ${givenText(given)}`]),
  ].join(', ');

const givenText = ({ versions, rows }: NonNullable<StateRow['given']>): string =>
  `${versions} ${versions === 1 ? 'version' : 'versions'}, ${rows} ${rows === 1 ? 'row' : 'rows'}`;

const safe = (values: Cells): Cells =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? oneLine(value) : value]),
  );
