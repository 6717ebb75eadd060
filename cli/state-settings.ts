/** The options of `sluice state`, checked together. */
import type { StateFilter } from '../functions/adapters/dynamodb/state-table.ts';
import type { AskedKey } from '../functions/core/state/asked-keys.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { LocalProblem } from '../local/local-problem.ts';
import type { Flags } from './flags.ts';
import { loadPipeline, textOf, wholeNumber } from './option-values.ts';

export type StateView = 'rows' | 'by-window' | 'changes';

export type StateSettings = {
  readonly name: string;
  /** Absent: no file was given. */
  readonly pipeline: Pipeline | undefined;
  readonly view: StateView;
  /** Absent: the last one. */
  readonly batchId: number | undefined;
  /** With `changes`: the earlier one. */
  readonly from: number | undefined;
  readonly filter: StateFilter;
  readonly limit: number;
};

const defaultLimit = 20;

/** @throws LocalProblem that names all that is wrong */
export async function checkStateSettings(file: string | undefined, options: Flags): Promise<StateSettings> {
  const problems: string[] = [];
  const pipeline = file === undefined ? undefined : await loadPipeline(file, options, problems);
  const name = textOf(options, 'pipeline') ?? pipeline?.name;
  if (name === undefined && file === undefined) problems.push('--pipeline: its name is needed, or its file');
  const batchId = wholeNumber('batch', options, problems);
  const group = wholeNumber('group', options, problems);
  const limit = wholeNumber('limit', options, problems, { from: 1, upTo: 999_999 }) ?? defaultLimit;
  const changes = readChanges(options, problems);
  if (changes !== undefined) checkAlone(file, options, problems);
  const key = keyOf(options, problems);
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
  return {
    ...{ name: name!, pipeline, limit, from: changes?.from, batchId: changes?.to ?? batchId },
    view: changes !== undefined ? 'changes' : options.byWindow === true ? 'by-window' : 'rows',
    filter: { ...(group === undefined ? {} : { group }), ...(key === undefined ? {} : { key }) },
  };
}

function readChanges(
  { changes }: Flags,
  problems: string[],
): { readonly from: number; readonly to: number } | undefined {
  if (changes === undefined) return undefined;
  const [, from, to] = /^(\d{1,12})\.\.(\d{1,12})$/.exec(String(changes)) ?? [];
  if (from === undefined || to === undefined)
    problems.push(`--changes ${String(changes)}: use two batches, such as 41..42`);
  else if (Number(from) > Number(to)) problems.push(`--changes ${from}..${to}: the first batch is the later one`);
  return { from: Number(from), to: Number(to) };
}

function checkAlone(file: string | undefined, options: Flags, problems: string[]): void {
  if (file === undefined)
    problems.push("--changes: give the pipeline's file as well; what changed is seen in the values of its aggregates");
  if (options.batch !== undefined)
    problems.push('--batch: it is not used together with --changes, which names batches');
  if (options.byWindow === true) problems.push('--by-window: it is not used together with --changes');
}

/** JSON if it can be read as such, else the text itself. */
function keyOf(options: Flags, problems: string[]): AskedKey | undefined {
  const { key } = options;
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || key === '') {
    problems.push('--key: nothing is given; use the value of the key, or JSON (of the empty text two quotation marks)');
    return undefined;
  }
  try {
    return JSON.parse(key) as AskedKey;
  } catch {
    return key;
  }
}
