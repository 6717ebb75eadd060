/**
 * What a wave of key groups says: of each group what the driver decides on, and of all together what the report tells. Reports of four hundred
 * groups have no room in a payload; these have, whatever they say. Pure.
 *
 * WAVESUM-1 Whether groups speak for themselves or through waves, a round comes to the same.
 */
import { addFates, noFates, type RowFates } from './dead-letter-tally.ts';
import { addRows, type RowsByOutput, rowsPart } from './detached.ts';
import type { GroupAnswer } from './group-answer.ts';
import { addOutputCounts, type OutputCounts, partOf } from './output-counts.ts';
import { addUses, type ReferenceUses, usesPart } from './references.ts';
import { addSize, addSizes, fullest, type ReducerMemory, type StateSizes } from './sizes.ts';
import type { SlowOutput, SlowOutputs } from './slow-outputs.ts';

/** Of the groups of a wave that are done; memory and slow outputs of all. */
export type WaveSums = {
  readonly rows?: RowFates | undefined;
  readonly outputs?: OutputCounts | undefined;
  readonly references?: ReferenceUses | undefined;
  readonly kept?: RowsByOutput | undefined;
  readonly resent?: RowsByOutput | undefined;
  readonly states?: StateSizes | undefined;
  readonly memory?: ReducerMemory | undefined;
  readonly slow?: SlowOutputs | undefined;
};

export type BriefAnswer = Pick<
  GroupAnswer,
  'keyGroup' | 'emitted' | 'done' | 'progressed' | 'why' | 'died' | 'waitUntil' | 'ranked'
> & {
  /** As of a group that speaks for itself, in the order of `outputs`. Of one that is not done nobody asks. */
  readonly sent?: readonly number[] | undefined;
};

export type WaveAnswer = {
  /** Ids of those that any group has sent to. Said once: times four hundred groups ten names have no room. */
  readonly outputs?: readonly string[] | undefined;
  readonly groups: readonly BriefAnswer[];
  readonly sums: WaveSums;
};
/** In place of a wave that has said nothing: its key groups. */
export type LostWave = { readonly lost: readonly number[]; readonly why: string };

/** Of a round: what each key group says, and what waves say of several. */
export type RoundAnswers = { readonly groups: readonly GroupAnswer[]; readonly waves: readonly WaveSums[] };

export type SaidOfGroups = GroupAnswer | WaveAnswer | LostWave;

export function answersOf(all: readonly SaidOfGroups[]): RoundAnswers {
  const groups = all.flatMap((one): readonly GroupAnswer[] => {
    if ('groups' in one) return one.groups.map((brief) => withNames(brief, one.outputs ?? []));
    return 'lost' in one ? one.lost.map((keyGroup) => lostGroup(keyGroup, one.why)) : [one];
  });
  return { groups, waves: all.flatMap((one) => ('sums' in one ? [one.sums] : [])) };
}

function withNames({ sent, ...brief }: BriefAnswer, outputs: readonly string[]): GroupAnswer {
  if (sent === undefined) return brief;
  return { ...brief, sent: Object.fromEntries(outputs.map((id, at) => [id, sent[at] ?? 0])) };
}

const lostGroup = (keyGroup: number, why: string): GroupAnswer => ({
  ...{ keyGroup, emitted: 0, done: false, progressed: false },
  why,
});

const longestWhy = 100;

export function sumUpWave(answers: readonly GroupAnswer[]): WaveAnswer {
  const sent = new Map(answers.filter(({ done }) => done).map((answer) => [answer.keyGroup, sentOf(answer)]));
  const outputs = [...new Set([...sent.values()].flatMap((one = {}) => Object.keys(one)))];
  return {
    ...(outputs.length === 0 ? {} : { outputs }),
    groups: answers.map((answer) => briefOf(answer, sent.get(answer.keyGroup), outputs)),
    sums: { ...sumsOf(answers), ...slowestOf(answers) },
  };
}

/** Undefined: what it has emitted. */
function sentOf({ outputs, kept }: GroupAnswer): RowsByOutput | undefined {
  if (outputs === undefined && kept === undefined) return undefined;
  const counts = Object.entries(outputs ?? {}).filter(([id]) => !Object.hasOwn(kept ?? {}, id));
  return Object.fromEntries(counts.map(([id, { emitted }]) => [id, emitted]));
}

function briefOf(
  { keyGroup, emitted, done, progressed, ...rest }: GroupAnswer,
  sent: RowsByOutput | undefined,
  outputs: readonly string[],
): BriefAnswer {
  const { why, died, waitUntil, ranked } = rest;
  return {
    ...{ keyGroup, emitted, done, progressed },
    ...(why === undefined ? {} : { why: why.slice(0, longestWhy).toWellFormed() }),
    ...(died === undefined ? {} : { died }),
    ...(waitUntil === undefined ? {} : { waitUntil }),
    ...(ranked === undefined ? {} : { ranked }),
    ...(sent === undefined ? {} : { sent: outputs.map((id) => sent[id] ?? 0) }),
  };
}

/** Of the groups that are done; of memory, of all that were gone to. */
export function sumsOf(groups: readonly GroupAnswer[]): Omit<WaveSums, 'slow'> {
  const memory = groups.reduce((most, group) => fullest(most, group.memory), undefined as ReducerMemory | undefined);
  const done = groups.filter((group) => group.done);
  const states = done.reduce((sum, { size }) => addSize(sum, size), undefined as StateSizes | undefined);
  const each = done.map(({ rows, outputs, references, kept, resent }) => ({ rows, outputs, references, kept, resent }));
  return addSums([...each, { states, memory }]);
}

export function addSums(all: readonly WaveSums[]): Omit<WaveSums, 'slow'> {
  const rows = all.reduce((sum, one) => addFates(sum, one.rows ?? noFates), noFates);
  const outputs = all.reduce((sum, one) => addOutputCounts(sum, one.outputs ?? {}), {} as OutputCounts);
  const uses = all.reduce((sum, one) => addUses(sum, one.references ?? {}), {} as ReferenceUses);
  const kept = all.reduce((sum, one) => addRows(sum, one.kept ?? {}), {} as RowsByOutput);
  const resent = all.reduce((sum, one) => addRows(sum, one.resent ?? {}), {} as RowsByOutput);
  const states = all.reduce((sum, one) => addSizes(sum, one.states), undefined as StateSizes | undefined);
  const memory = all.reduce((most, one) => fullest(most, one.memory), undefined as ReducerMemory | undefined);
  return {
    ...(saysNothing(rows) ? {} : { rows }),
    ...partOf(outputs),
    ...usesPart(uses),
    ...rowsPart('kept', kept),
    ...rowsPart('resent', resent),
    ...(states === undefined ? {} : { states }),
    ...(memory === undefined ? {} : { memory }),
  };
}

const saysNothing = ({ results, late, retracted }: RowFates): boolean =>
  results === 0 && late === undefined && retracted === undefined;

/** Of each output the group that took longest; what is left in any is left. */
function slowestOf(answers: readonly GroupAnswer[]): Pick<WaveSums, 'slow'> {
  const slow: Record<string, SlowOutput> = {};
  for (const [output, one] of answers.flatMap((answer) => Object.entries(answer.slow ?? {}))) {
    const known = slow[output];
    const left = (known?.left ?? 0) + (one.left ?? 0);
    const error = one.error ?? known?.error;
    slow[output] = {
      ms: Math.max(one.ms, known?.ms ?? 0),
      ...(left === 0 ? {} : { left }),
      ...(error === undefined ? {} : { error }),
    };
  }
  return Object.keys(slow).length === 0 ? {} : { slow };
}
