/**
 * The rows that were kept for an output while it was detached, out of the states of their batches, in the order of these (DETACH-4). Where a try
 * stops is noted beside each state, so the next one goes on there.
 */
import { type Attaching, type KeptBatch, mayAttach } from '../../core/detached.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import { endsOf } from '../../core/outbox.ts';
import { isInParts } from '../../core/parts-of-outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import { pauseMs } from '../../core/turn.ts';
import type { ReduceKeyGroupInput, ReduceKeyGroupOutput } from '../messages.ts';
import { isBatchOver } from '../superseded.ts';
import { NotedCalls } from './noted-calls.ts';
import { OutboxReader } from './outbox-reader.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';
import { type Sending, sendOutbox } from './send-outbox.ts';

type Given = ReduceKeyGroupInput & { readonly attach: Attaching; readonly deadline: number };

/** Nothing is to be sent of an output that was detached again meanwhile: the batch is committed, and its rows go on being kept (DETACH-5). */
export async function sendKept(given: Given, runtime: ReduceRuntime): Promise<ReduceKeyGroupOutput> {
  const { attach, keyGroup } = given;
  const { output } = attach;
  const { ports, log } = runtime;
  const head = await ports.head.load();
  if (isBatchOver(head, given) || !mayAttach(head!, attach))
    return { keyGroup, emitted: 0, done: true, progressed: true };
  const batches = attach.batches.filter(({ keyGroups }) => keyGroups.includes(keyGroup));
  let [resent, hasMoved] = [0, false];
  for (const batch of batches) {
    const state = await stateOf(batch, keyGroup, runtime);
    if (state?.outputs[output] === undefined) continue;
    const sending = await sendState(runtime, state, given);
    resent += endsOf(state.steps, output).at(-1) ?? 0;
    hasMoved ||= sending.moved === true;
    if (sending.left === 0) continue;
    if (!hasMoved) await ports.clock.sleep(pauseMs);
    const { why, until, slow } = sending;
    const waits = until === undefined ? {} : { waitUntil: until };
    return {
      keyGroup,
      emitted: 0,
      done: false,
      progressed: hasMoved,
      why,
      ...waits,
      ...(slow === undefined ? {} : { slow }),
    };
  }
  log.info('attached', { batchId: given.batchId, keyGroup, output, rows: resent });
  return { keyGroup, emitted: 0, done: true, progressed: true, resent: { [output]: resent } };
}

/** A gathering step has a state only where something was handed on to it. That of another group has to be there (S11). */
function stateOf(batch: KeptBatch, keyGroup: number, { ports: { states } }: ReduceRuntime) {
  const load = keyGroup === gatheringGroup(batch) ? states.findState : states.loadState;
  return load(keyGroup, batch.batchId, batch.ref);
}

/** What is known of calls with its rows is noted beside the state. Who dies here is not noted: a batch that gets no further fails by name. */
async function sendState(runtime: ReduceRuntime, state: KeyGroupState, given: Given): Promise<Sending> {
  const { ports, pipeline } = runtime;
  const isCalled = globalThis.SLUICE_CALLS !== false && pipeline.outputs.some(isInParts);
  const trial = isCalled ? await ports.rows.loadTrial(state) : undefined;
  const calls = globalThis.SLUICE_CALLS === false ? undefined : trial && new NotedCalls(ports.rows, state, trial);
  const reader = new OutboxReader(ports.rows, state, 1);
  const { deadline, attach } = given;
  return sendOutbox(runtime, reader, { state, isFresh: false, deadline, calls, only: attach.output });
}
