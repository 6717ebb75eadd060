/** The first rows of each window: how many, by what, and whether there is a moment at which they are known for good. */
import type { WindowSpec } from '../windows/window-kind.ts';
import type { GroupingDefinition, OperationDefinition, PipelineDefinition } from './definition.ts';
import { anything, oneOf, readCallback, readOption, readOptions, text, wholeNumber } from './option-rules.ts';
import type { Aggregation, RowOperation, TopRows } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';

const countRule = wholeNumber({ atLeast: 1, atMost: 1_000 }, 1);
const rules = {
  by: anything(),
  order: oneOf(['highest', 'lowest'], 'highest'),
  rankAs: text('a name of 1 to 64 characters that is not a number', isColumnName, undefined),
};

type Around = {
  /** As they were checked, before it and behind. */
  readonly rowOperations: readonly RowOperation[];
  readonly window: WindowSpec;
  /** Columns that Sluice writes itself. */
  readonly reserved: readonly string[];
};

/** What it makes of the grouping. */
export function checkTopRows(
  given: GroupingDefinition,
  { rowOperations, window, reserved }: Around,
  problems: Problem[],
): Partial<Pick<Aggregation, 'top' | 'rowOperations'>> {
  const [first, ...others] = given.topRows ?? [];
  if (first === undefined) return {};
  if (others.length > 0)
    problems.push(notAllowed('topRows', `${others.length + 1} times`, 'it once, with the least number of rows'));
  if (first.n === undefined) problems.push(missing('topRows', countRule.allowed));
  const n = readOption('topRows', first.n, countRule, problems);
  const { order, rankAs } = readOptions('topRows', first.options, rules, problems);
  const by = readCallback<TopRows['by']>('topRows.by', first.options.by, problems) ?? unranked;
  const columns = [...Object.keys(given.keys ?? {}), ...Object.keys(given.aggregates), ...reserved];
  if (rankAs !== undefined && columns.includes(rankAs))
    problems.push(notAllowed('topRows.rankAs', rankAs, 'a name that no other column of the row has'));
  refuseBehindMaps(given.rowOperations.slice(0, first.behind), problems);
  refuseWindowsOfKeys(window, problems);
  const filters = rowOperations.slice(0, first.behind).filter((operation) => operation.kind === 'filter');
  return {
    top: { n, order, by, filters, ...(rankAs === undefined ? {} : { rankAs }) },
    rowOperations: rowOperations.slice(first.behind),
  };
}

/** Stands for one that is refused: the pipeline is refused with it. */
const unranked: TopRows['by'] = () => null;

function isColumnName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && name !== '__proto__' && !/^\d+$/.test(name);
}

/** What is handed on are windows and their accumulators, of which rows are made again. */
function refuseBehindMaps(before: readonly OperationDefinition[], problems: Problem[]): void {
  for (const { kind } of before)
    if (kind !== 'filter')
      problems.push(
        notAllowed('topRows', `behind ${kind} of rows`, `it before ${kind}(…): only filter may come first`),
      );
}

function refuseWindowsOfKeys({ kind }: WindowSpec, problems: Problem[]): void {
  if (kind.merge === undefined) return;
  const allowed =
    'windows that all keys have in common, such as tumbling(…) or sliding(…): each of these is of one key';
  problems.push(notAllowed('topRows', kind.kind, allowed));
}

/** Of results that may change after they were given out, nobody knows which stay among the first. */
export function refuseTopOfVersions(
  { grouping }: Pick<PipelineDefinition, 'grouping'>,
  { top, mode, discards, window }: Aggregation,
  problems: Problem[],
): void {
  if (top === undefined) return;
  const once = 'with topRows(…), whose rows are given out once, when their window closes';
  if (mode !== undefined) problems.push(notAllowed('outputMode', mode, `'append' ${once}`));
  if (discards === true) problems.push(notAllowed('accumulation', 'discarding', `'accumulating' ${once}`));
  if (window.latenessMs !== undefined)
    problems.push(
      notAllowed(
        'allowedLateness',
        grouping?.lateness?.value,
        `none ${once}; a longer delay of withWatermark(…) waits`,
      ),
    );
}
