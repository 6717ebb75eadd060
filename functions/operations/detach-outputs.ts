/**
 * Outputs that an operator detaches from a pipeline and attaches again, while it runs or stands still: one conditional write of the head each.
 *
 * DETACHING-1 A command changes what it has seen, and nothing else: where a batch was sealed or committed meanwhile, or another command was quicker,
 *    it looks again. So it knows which batch is the first that it counts for, and how many rows are kept.
 * DETACHING-2 An output that nothing is kept for is attached at once, if no batch is to be finished; else by the batches that send what is kept.
 */
import {
  type DetachedOutput,
  type DetachedOutputs,
  isDetached,
  type KnownOutput,
  whyNotDetachable,
} from '../core/detached.ts';
import { SluiceError } from '../core/errors.ts';
import { nextBatchId, unfinished } from '../core/head.ts';
import type { Head } from '../core/model.ts';
import type { OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused } from './refused.ts';

type Operated = Pick<OperatedPipeline, 'name' | 'head' | 'clock' | 'newId'>;

/** Commits come every second at the most. */
const mostTries = 10;

/**
 * attached    all that it gets is sent
 * detached    nothing is sent, and its rows are kept
 * attaching   the next batches send what was kept
 */
export type StandOfOutput = 'attached' | 'detached' | 'attaching';

export type ListedOutput = KnownOutput & {
  readonly stand: StandOfOutput;
  /** Absent: it is attached. */
  readonly kept?: KeptRows;
};

export type KeptRows = {
  readonly since: number;
  /** The first batch whose rows are kept. */
  readonly from: number;
  /** Committed batches from there on. */
  readonly batches: number;
  readonly rows: number;
  /** Epoch milliseconds. */
  readonly detachedAt: number;
};

/** Those of the pipeline that ran last, and those that are detached and no longer in it. */
export function outputsOf(head: Head): readonly ListedOutput[] {
  const { outputs = [], detached = {} } = head;
  const gone = Object.keys(detached).filter((id) => !outputs.some((output) => output.id === id));
  const all = [...outputs, ...gone.map((id): KnownOutput => ({ id, sent: 'after-seal' }))];
  return all.map((output): ListedOutput => {
    const known = isDetached(head, output.id) ? detached[output.id] : undefined;
    if (known === undefined) return { ...output, stand: 'attached' };
    return { ...output, stand: known.attach === undefined ? 'detached' : 'attaching', kept: keptIn(head, known) };
  });
}

const keptIn = (head: Head, { since, next, kept, at }: DetachedOutput): KeptRows => ({
  ...{ since, from: next, rows: kept, detachedAt: at },
  batches: Math.max(0, nextBatchId(head) - next),
});

export type Detached = {
  readonly since: number /** It is sealed, and could not be committed so far. */;
  readonly frees: number | null;
};

/** @throws OperationRefused if there is no such output, it is detached, or its rows can't be kept */
export async function detachOutput(of: Operated, name: string): Promise<Detached> {
  const head = await change(of, (seen) => {
    const known = outputNamed(of, seen, name);
    const { detached = {} } = seen;
    const before = isDetached(seen, name) ? detached[name] : undefined;
    if (before !== undefined && before.attach === undefined)
      throw new OperationRefused(
        'usage',
        `output ${name} of ${of.name} is detached already, since batch ${before.since}`,
      );
    const why = known === undefined ? undefined : whyNotDetachable(known);
    if (why !== undefined) throw new OperationRefused('usage', why);
    const since = nextBatchId(seen);
    const { attach: _, ...again } = before ?? { at: of.clock.now(), since, next: since, kept: 0 };
    return { ...detached, [name]: again };
  });
  return { since: head.detached![name]!.since, frees: unfinished(head)?.batchId ?? null };
}

export type Attached = {
  readonly stand: StandOfOutput;
  /** Rows of committed batches that are sent now, or were given up. */
  readonly rows: number;
  readonly batches: number;
};

/**
 * `discard`: what is kept of committed batches is given up; that of a batch that is to be finished yet goes out.
 *
 * @throws OperationRefused if it is not detached
 */
export async function attachOutput(
  of: Operated,
  name: string,
  { discard }: { readonly discard: boolean },
): Promise<Attached> {
  let told: KeptRows | undefined;
  const head = await change(of, (seen) => {
    const { detached = {} } = seen;
    const known = isDetached(seen, name) ? detached[name] : undefined;
    if (known === undefined) {
      outputNamed(of, seen, name);
      throw new OperationRefused('usage', `output ${name} of ${of.name} is not detached`);
    }
    if (known.attach !== undefined && !discard)
      throw new OperationRefused('usage', `output ${name} of ${of.name} is being attached already`);
    told = keptIn(seen, known);
    const next = discard ? nextBatchId(seen) : known.next;
    const { [name]: _, ...others } = detached;
    // Nothing of it is kept, nor is anything at work that may be about to keep it.
    if (next >= nextBatchId(seen) && unfinished(seen) === undefined) return others;
    return { ...detached, [name]: { ...known, next, attach: of.newId(), ...(discard ? { kept: 0 } : {}) } };
  });
  const stand = isDetached(head, name) ? 'attaching' : 'attached';
  return { stand, rows: told!.rows, batches: told!.batches };
}

function outputNamed({ name: pipeline }: Operated, { outputs = [], detached = {} }: Head, name: string) {
  const known = outputs.find(({ id }) => id === name);
  if (known !== undefined || Object.hasOwn(detached, name)) return known;
  const all = outputs.map(({ id }) => id).join(', ');
  const there = all === '' ? 'none is known before its first start with this version' : `it has ${all}`;
  throw new OperationRefused('usage', `pipeline ${pipeline} has no output ${name}: ${there}`);
}

async function change(of: Operated, after: (seen: Head) => DetachedOutputs): Promise<Head> {
  for (let attempt = 1; ; attempt++) {
    const seen = await of.head.load();
    if (seen === undefined) throw new SluiceError('MissingItem', `pipeline ${of.name} has never run on this table`);
    const detached = after(seen);
    const changed = await of.head.setDetached(seen, Object.keys(detached).length === 0 ? undefined : detached);
    if (changed.kind === 'updated') return changed.head;
    if (attempt === mostTries)
      throw new OperationRefused(
        'held',
        `${of.name} goes on too fast, or another command is at it: try again; nothing has changed`,
      );
  }
}
