/** What savepoints, rewinds, forks and repartitions have done, on the screen. */
import type { SavedPoint } from '../../functions/adapters/dynamodb/savepoint-index.ts';
import type { WentBack } from '../../functions/operations/go-back.ts';
import { number } from './progress-text.ts';
import { plainTable } from './text-table.ts';

const timeText = (time: number | null): string => (time === null ? '' : new Date(time).toISOString());
/** Reports expire. */
const committedText = (time: number | null): string => (time === null ? '' : `, committed ${timeText(time)}`);

export const savepointText = (pipeline: string, { name, batchId, committedAt, entries, bytes }: SavedPoint): string =>
  [
    `savepoint  ${name} of ${pipeline}`,
    `batch      ${batchId}${committedText(committedAt)}`,
    `size       ${number(entries)} entries, ${number(bytes)} bytes`,
  ].join('\n');

export function savepointsText(savepoints: readonly SavedPoint[]): string {
  if (savepoints.length === 0) return 'No savepoints.';
  const table = plainTable(['name', 'batch', 'committed', 'made', 'entries', 'bytes']);
  for (const { name, batchId, committedAt, madeAt, entries, bytes } of savepoints)
    table.push([name, batchId, timeText(committedAt), timeText(madeAt), number(entries), number(bytes)]);
  return table.toString();
}

export function wentBackText(pipeline: string, went: WentBack): string {
  const { source, restored, left, gaveUp, warnings, before, after } = went;
  const from = source.pipeline === pipeline ? '' : ` of savepoint ${source.pipeline}`;
  const rows = Object.entries(left.rows).map(([output, count]) => `${output} ${number(count)}`);
  const known = left.withoutReport === 0 ? '' : ` (of ${number(left.withoutReport)} of them nothing is known any more)`;
  return [
    `pipeline   ${pipeline}`,
    `goes on    after batch ${source.batchId}${from}${committedText(source.committedAt)}`,
    `by         batch ${restored.batchId}, which the next start commits`,
    `left       ${batchesText(left.batches)}${gaveUp === undefined ? '' : `; batch ${gaveUp.batchId}, which was sealed and not committed, is given up`}`,
    `given out  ${rows.length === 0 ? 'nothing' : `rows by these: ${rows.join(', ')}`}${known}`,
    `identities have generation ${after.generation} from now on, and ${before.generation} before`,
    ...staysText(went),
    ...warnings.map((warning) => `Warning: ${warning}.`),
  ].join('\n');
}

function batchesText(batches: WentBack['left']['batches']): string {
  const [run] = batches;
  if (run === undefined) return 'no batch';
  if (batches.length === 1 && run[0] === run[1]) return `batch ${run[0]}`;
  return `batches ${batches.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`)).join(', ')}`;
}

/** What no command can take back. */
function staysText({ left, before, source, gaveUp }: WentBack): readonly string[] {
  if (left.batches.length === 0 && gaveUp === undefined) return [];
  return [
    '',
    'What these batches have given out stays where it is. A result that comes about again is given out again, with a higher `ref`: of each',
    'result the highest (`ref`, `revision`) counts, and live views keep that one by themselves. A result that does not come about again stays',
    `as well: by its identity it is of generation ${before.generation}, and of a batch behind ${source.batchId}.`,
  ];
}

export const forkText = (fork: {
  readonly name: string;
  readonly from: string;
  readonly source: { readonly batchId: number; readonly of: { readonly name: string } };
  readonly parallelism: number;
}): string => {
  const { name, from, source, parallelism } = fork;
  const of = source.of.name === from ? `batch ${source.batchId} of ${from}` : `savepoint ${source.of.name}`;
  return [
    `pipeline   ${name}`,
    `goes on    after ${of}, with ${parallelism} key groups`,
    'by         batch 0, which its first start commits',
    `Deploy its definition under the name ${name}, with outputs of its own, and start it.`,
  ].join('\n');
};

export const repartitionText = (made: {
  readonly pipeline: string;
  readonly batchId: number;
  readonly parallelism: number;
  readonly parallelismBefore: number;
}): string =>
  [
    `pipeline   ${made.pipeline}`,
    `key groups ${made.parallelism}, and ${made.parallelismBefore} before`,
    `by         batch ${made.batchId}, which the next start commits`,
    `Deploy the definition with \`parallelism: ${made.parallelism}\`, and start it: the former one is refused from now on.`,
  ].join('\n');
