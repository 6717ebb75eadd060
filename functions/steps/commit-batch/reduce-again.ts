/** A commit whose reduce is not done: back to the groups that are left, over to the next execution, or a failure by name. */

import { inParallel } from '../../concurrency/in-parallel.ts';
import { SluiceError } from '../../core/errors.ts';
import type { GroupAnswer } from '../../core/group-answer.ts';
import type { BatchName, SealedBatch } from '../../core/model.ts';
import type { RoundDecision } from '../../core/reduce-rounds.ts';
import { answersOf } from '../../core/reduced-wave.ts';
import { newTrial } from '../../core/row-trial.ts';
import { withRound } from '../../core/step-times.ts';
import { type GroupTrouble, reduceTrouble } from '../../core/trouble.ts';
import { leaseAfterCommit, leaseAfterSeal } from '../../core/turn.ts';
import { inWaves } from '../../core/waves.ts';
import { isFromOutbox } from '../../pipeline/outputs.ts';
import type { BatchState, CommitBatchInput } from '../messages.ts';
import type { CommitRuntime } from './commit-runtime.ts';

const atOnce = 10;

export async function reduceAgain(
  input: CommitBatchInput,
  runtime: CommitRuntime,
  round: Exclude<RoundDecision, { kind: 'all-done' }>,
  body: Pick<SealedBatch, 'attach'>,
): Promise<BatchState> {
  const { ports, log } = runtime;
  const { batchId, ref, epoch, turn, run } = input;
  const { groups } = answersOf(input.groups);
  const told = { batchId, ref, groups };
  // Of a batch that sends what was kept there are no states to note it beside.
  const besideStates = body.attach === undefined ? [noteDone(told, runtime), noteDied(told, runtime)] : [];
  await Promise.all([...besideStates, noteTrouble(told, runtime)]);
  if (round.kind === 'stuck') {
    const name = groups.some(lacksReference) ? 'ReferenceUnavailable' : 'TemporaryFailure';
    throw new SluiceError(name, `batch ${batchId} gets no further: ${round.why}`);
  }
  const handOver: BatchState = { next: 'continue-as-new', turn };
  if (round.kind === 'hand-over') {
    await ports.head.release(epoch, run);
    log.info('reduce goes on in the next execution', { batchId, ref });
    return handOver;
  }
  const renewed = await ports.head.renew({ batchId, ref }, { epoch, owner: run }, leaseOf(input, runtime, round));
  if (renewed.kind === 'lost') {
    const { head } = renewed;
    // An earlier try of this step has handed over, and its answer was lost.
    if (head?.epoch === epoch && head.holder?.owner === run && head.holder.lease.kind === 'released') return handOver;
    return { next: 'done', turn, reason: 'superseded' };
  }
  if (round.kind === 'wait') {
    log.info('rows of which reducers died wait for another try', { batchId, ref });
    return { next: 'wait', turn: turn + 1, caughtUp: false, waitUntil: new Date(round.until).toISOString() };
  }
  const { keyGroups, reduced } = round;
  log.info('reduce goes on', { batchId, ref, groups: keyGroups.length });
  return {
    next: 'reduce',
    turn: turn + 1,
    epoch,
    batchId,
    ref,
    keyGroups: inWaves(keyGroups, input.timing.groupsInWave),
    reduced,
    again: true,
    steps: withRound(input.steps ?? []),
    waitUntil: input.waitUntil,
  };
}

type Told = BatchName & { readonly groups: readonly GroupAnswer[] };

/** By the word that the reducer begins with. */
const lacksReference = ({ done, why = '' }: GroupAnswer): boolean => !done && why.startsWith('ReferenceUnavailable');

/** Through another reduce and commit, or, with a wait, through the plan after it, which resumes the batch. */
function leaseOf({ timing }: CommitBatchInput, { ports }: CommitRuntime, round: RoundDecision): number {
  const now = ports.clock.now();
  return round.kind === 'wait' ? leaseAfterCommit(timing, now, round.until) : leaseAfterSeal(timing, now);
}

/** Nobody sees from outside why a batch takes so long, until it is committed. No note is worth a failed batch. */
async function noteTrouble({ batchId, ref, groups }: Told, { ports, log }: CommitRuntime): Promise<void> {
  const open = groups
    .filter(({ done }) => !done)
    .map(
      ({ keyGroup, why, slow }): GroupTrouble => ({
        keyGroup,
        ...(why === undefined ? {} : { why }),
        ...(slow === undefined ? {} : { outputs: slow }),
      }),
    );
  if (open.length === 0) return;
  try {
    const before = await ports.troubles.loadTrouble({ kind: 'reduce' });
    await ports.troubles.putTrouble(reduceTrouble({ batchId, ref }, open, before, ports.clock.now()));
  } catch (error) {
    log.warn('trouble not noted', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

/** A state that was put before its reducer died is not computed again: no row is to blame then. */
async function noteDied({ batchId, ref, groups }: Told, { ports }: CommitRuntime): Promise<void> {
  const died = groups.filter((group) => group.died === true);
  await inParallel(died, atOnce, async ({ keyGroup }) => {
    const state = { batchId, ref, keyGroup };
    const trial = (await ports.rows.loadTrial(state)) ?? newTrial;
    await ports.rows.putTrial(state, { ...trial, hasDied: true });
  });
}

/** Whoever resumes the batch finds that these have sent everything. A batch that is done in one round needs no such note. */
async function noteDone({ batchId, ref, groups }: Told, { pipeline, ports }: CommitRuntime): Promise<void> {
  const outputs = pipeline.outputs.filter(isFromOutbox);
  const emittedOf = ({ emitted, outputs: counts, sent }: GroupAnswer, id: string) =>
    sent === undefined ? (counts?.[id]?.emitted ?? emitted) : (sent[id] ?? 0);
  // Of what is kept nothing is noted: it is to be sent.
  const isSent = (group: GroupAnswer, id: string): boolean =>
    emittedOf(group, id) > 0 && !Object.hasOwn(group.kept ?? {}, id);
  const done = groups.filter((group) => group.done && outputs.some(({ id }) => isSent(group, id)));
  await inParallel(done, atOnce, async (group) => {
    const state = { batchId, ref, keyGroup: group.keyGroup };
    const all = outputs.flatMap(({ id }) =>
      isSent(group, id) ? [[id, { count: emittedOf(group, id), ahead: [] }] as const] : [],
    );
    // What a round before has noted of others stays: of a detached output, what had gone before.
    await ports.outboxNotes.putSent(state, {
      ...(await ports.outboxNotes.loadSent(state)),
      ...Object.fromEntries(all),
    });
  });
}
