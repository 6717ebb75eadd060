/** All kinds of findings, and what they find in a pipeline. */
import { dataLoss } from './data-loss.ts';
import { deadLetters } from './dead-letters.ts';
import { detachedOutput } from './detached-output.ts';
import type { PipelineFacts } from './facts.ts';
import { failedTasks } from './failed-tasks.ts';
import { fallingBehind } from './falling-behind.ts';
import type { Finding, Severity } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { heldWatermark } from './held-watermark.ts';
import { lateEvents } from './late-events.ts';
import { nearLimit } from './near-limit.ts';
import { noDriver } from './no-driver.ts';
import { poisonRecord } from './poison-record.ts';
import { redrive } from './redrive.ts';
import { skewedShard } from './skewed-shard.ts';
import { slowSink } from './slow-sink.ts';
import { stopped } from './stopped.ts';
import { stuckReduce } from './stuck-reduce.ts';
import { stuckShard } from './stuck-shard.ts';
import { throttledReads } from './throttled-reads.ts';

/** Among findings of one severity those of the first kind come first. */
export const findingKinds: readonly FindingKind[] = [
  dataLoss,
  noDriver,
  slowSink,
  stuckReduce,
  stuckShard,
  poisonRecord,
  failedTasks,
  fallingBehind,
  skewedShard,
  throttledReads,
  heldWatermark,
  nearLimit,
  detachedOutput,
  redrive,
  deadLetters,
  lateEvents,
  stopped,
];

const worstFirst: readonly Severity[] = ['critical', 'warning', 'info'];

/** The worst first. Empty: nothing is known to be wrong. */
export function findingsOf(facts: PipelineFacts, kinds: readonly FindingKind[] = findingKinds): readonly Finding[] {
  const found = kinds.flatMap(({ kind, find }) => find(facts).map((finding): Finding => ({ kind, ...finding })));
  return found.toSorted((one, other) => worstFirst.indexOf(one.severity) - worstFirst.indexOf(other.severity));
}
