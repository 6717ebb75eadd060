/**
 * Outputs that an operator has detached: batches commit without them, and their rows stay where they are stored until the output is
 * attached again. Pure.
 *
 * DETACH-1 The head says which outputs are detached, and from which batch on rows are kept (`next`). A reducer asks it before it sends: of an
 *    output that is named there nothing goes out, also while it is being attached. So what comes later never passes what is kept.
 * DETACH-2 A batch is never older than `next` when it is finished: `next` begins as the batch behind the committed one, and rises with
 *    commits of batches that have sent what was kept. So each row that a reducer has kept is behind `next` when its batch is committed.
 * DETACH-3 (P1) No batch from the least `next` on is purged: rows are kept where they lie, in the steps and states of their batch.
 * DETACH-4 What was kept goes out in batches of kind `attach`, before anything newer is read: up to so many batches at a time, each key group in
 *    the order of its batches. Across a change of the number of key groups there are two.
 * DETACH-5 Who commits such a batch raises `next` only if the output is still being attached under the id that its seal names. One that was
 *    detached again, or whose rows were given up meanwhile, stands where the operator has put it.
 */

/** Of one output. */
export type DetachedOutput = {
  /** Epoch milliseconds: when it was detached first. */
  readonly at: number;
  /** The first batch that it was detached in. */
  readonly since: number;
  /** The first batch whose rows are kept. */
  readonly next: number;
  /** How many rows of committed batches are kept. */
  readonly kept: number;
  /** It is being attached: made by the command that has said so. Absent: it is detached. */
  readonly attach?: string;
};

/** By an output's id. */
export type DetachedOutputs = Readonly<Record<string, DetachedOutput>>;

/** How many rows, by an output's id. */
export type RowsByOutput = Readonly<Record<string, number>>;

/** In the plan and the seal of a batch of kind `attach`. */
export type Attaching = {
  readonly output: string;
  readonly id: string;
  /** Both included. */
  readonly from: number;
  readonly upTo: number;
  /** Those of them that key groups were reduced in, ascending. */
  readonly batches: readonly KeptBatch[];
};

export type KeptBatch = {
  readonly batchId: number;
  readonly ref: number;
  /** Of its own; with `topRows` the gathering step is one more. */
  readonly parallelism: number;
  readonly keyGroups: readonly number[];
};

/** So many batches are sent again by one batch, at most. */
export const mostKeptAtOnce = 50;

/** For so many batches rows are kept, at most: with one every ten seconds, five days and nineteen hours. */
export const mostKeptBatches = 50_000;

type Known = { readonly detached?: DetachedOutputs | undefined };

export const isDetached = ({ detached = {} }: Known, output: string): boolean => Object.hasOwn(detached, output);

/** The first batch that something is kept of. Infinity: nothing is. */
export const oldestKeptBatch = ({ detached = {} }: Known): number =>
  Object.values(detached).reduce((oldest, { next }) => Math.min(oldest, next), Number.POSITIVE_INFINITY);

/** What is sent next of what was kept. Undefined: no output is being attached. */
export function nextToAttach(
  { detached = {} }: Known,
  committedBatch: number,
): Pick<Attaching, 'output' | 'id' | 'from' | 'upTo'> | undefined {
  for (const output of Object.keys(detached).sort()) {
    const { attach: id, next: from } = detached[output]!;
    if (id !== undefined) return { output, id, from, upTo: Math.min(committedBatch, from + mostKeptAtOnce - 1) };
  }
  return undefined;
}

/** Whether a reducer may send what was kept. */
export const mayAttach = ({ detached = {} }: Known, { output, id }: Pick<Attaching, 'output' | 'id'>): boolean =>
  detached[output]?.attach === id;

/** Of batches in a row, the first of which is `from`: as many as have the same key groups. */
export function ofOneLayout<Batch extends { readonly parallelism: number }>(
  batches: readonly Batch[],
): readonly Batch[] {
  const other = batches.findIndex(({ parallelism }) => parallelism !== batches[0]!.parallelism);
  return other < 0 ? batches : batches.slice(0, other);
}

/** Behind the commit of a batch. */
export function detachedAfter(
  { detached }: Known,
  { batchId, attach }: { readonly batchId: number; readonly attach?: Attaching | undefined },
  { kept = {}, resent = {} }: { readonly kept?: RowsByOutput | undefined; readonly resent?: RowsByOutput | undefined },
): DetachedOutputs | undefined {
  if (detached === undefined) return undefined;
  const after: Record<string, DetachedOutput> = {};
  for (const [output, known] of Object.entries(detached)) {
    const rows = Math.max(0, known.kept + (kept[output] ?? 0) - (resent[output] ?? 0));
    const moves = attach?.output === output && attach.id === known.attach;
    const next = moves ? Math.max(known.next, attach.upTo + 1) : known.next;
    // It has no rows of its own, so behind it nothing is kept.
    if (moves && next >= batchId) continue;
    after[output] = { ...known, next, kept: rows };
  }
  return Object.keys(after).length === 0 ? undefined : after;
}

export const addRows = (one: RowsByOutput, other: RowsByOutput): RowsByOutput => {
  const sum: Record<string, number> = { ...one };
  for (const [output, rows] of Object.entries(other)) sum[output] = (sum[output] ?? 0) + rows;
  return sum;
};

/** As a part of what is told: where there are none, nothing. */
export const rowsPart = <Name extends 'kept' | 'resent'>(
  name: Name,
  rows: RowsByOutput,
): { readonly [Each in Name]?: RowsByOutput } =>
  Object.keys(rows).length === 0 ? {} : ({ [name]: rows } as { readonly [Each in Name]?: RowsByOutput });

/** How an output that an operator names stands to being detached. */
export type KnownOutput = {
  readonly id: string;
  readonly sent: 'while-reading' | 'after-seal';
  /** It writes files. */
  readonly files?: true;
};

/** Undefined: it can be detached. */
export function whyNotDetachable({ id, sent, files }: KnownOutput): string | undefined {
  if (sent === 'while-reading')
    return (
      `output ${id} is sent to while records are read, so nothing of it is stored that could be kept: ` +
      'outputs of a pipeline with groupBy can be detached, and those whose sink is sent to after the seal'
    );
  if (files === true)
    return `output ${id} writes files, and the list of a batch's files is put with its commit: it can't be detached`;
  return undefined;
}

/** Why a plan can't go on with what is kept. Undefined: it can. */
export function problemOfKept(
  { detached = {} }: Known,
  outputs: readonly { readonly id: string; readonly sent: KnownOutput['sent']; readonly files?: unknown }[],
  nextBatch: number,
): string | undefined {
  for (const [id, { next, kept, attach }] of Object.entries(detached)) {
    const output = outputs.find((one) => one.id === id);
    const giveUp = `give them up with \`npx sluice outputs attach ${id} --discard\``;
    if (output === undefined)
      return `output ${id} is detached, and ${kept} rows are kept for it: keep it in the pipeline, or ${giveUp}`;
    const { sent, files } = output;
    const why = whyNotDetachable({ id, sent, ...(files === undefined ? {} : { files: true as const }) });
    if (why !== undefined) return `${why}; ${kept} rows are kept for it: ${giveUp}`;
    if (attach === undefined && nextBatch - next >= mostKeptBatches)
      return (
        `output ${id} is detached, and its rows are kept since batch ${next}, for ${mostKeptBatches} batches at most: ` +
        `attach it with \`npx sluice outputs attach ${id}\`, or ${giveUp}`
      );
  }
  return undefined;
}
