/**
 * What must hold of a pipeline's table and sink whenever nothing is running: the invariants of docs/protocol.md that a
 * table can show, by their names. Throws with the name of the first that does not.
 */

import { isDeepStrictEqual } from 'node:util';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import { rowEvaluator } from '../../functions/core/evaluate-row.ts';
import { GatheredRows, gatheringGroup } from '../../functions/core/gather-rows.ts';
import { isReduced, reducedGroups } from '../../functions/core/group-states.ts';
import type { BatchBody, BatchName, BlockSummary } from '../../functions/core/model.ts';
import { limitsOf } from '../../functions/core/record-limit.ts';
import { blocksOf, reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import { type KeyGroupState, type ReducedKeyGroup, stateAfter } from '../../functions/core/reduction.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import { isSamePlace, type Place, placeAfter, placeOf } from '../simulation/checks/places.ts';
import { windowsIn } from './stored-windows.ts';
import { dynamodbOf, readSink, table, type World } from './world.ts';

export type Evidence = {
  readonly chain: readonly BatchBody[];
  readonly outputs: readonly string[];
  /** Times that the sink holds an output again. */
  readonly repeats: number;
};

class Violation extends Error {}

function hold(name: string, condition: boolean, detail: () => string): asserts condition {
  if (!condition) throw new Violation(`${name}: ${detail()}`);
}

/** Contents seen before under (batch, ref), kept by the caller: S6 compares with them. */
export type Memory = Map<string, BatchBody>;

export async function checkInvariants(
  world: World,
  runtime: Runtime,
  sink: string,
  memory: Memory = new Map(),
): Promise<Evidence> {
  const { ports, pipeline } = runtime;
  const head = await ports.head.load();
  hold('head', head !== undefined, () => 'no head item');
  const { committed = none, sealed = none } = head;
  const isAhead = sealed.batchId - committed.batchId;
  hold('S4', isAhead === 0 || isAhead === 1, () => `sealed ${sealed.batchId}, committed ${committed.batchId}`);

  const chain = await walkChain(runtime, committed, head.oldestRetainedBatch);
  for (const body of chain) checkRemembered(memory, body);
  for (const [at, body] of chain.entries()) await checkBatch(runtime, chain[at - 1], body);
  const states = pipeline.aggregation === undefined ? [] : await checkStates(runtime, chain);
  await checkExpiry(world, pipeline.name, chain);
  const stored = (await Promise.all(states.map((state) => recordsIn(runtime, state)))).flat();
  const evidence = await checkSink(world, sink, pipeline.name, chain, stored, isAhead > 0);
  checkVersions(pipeline, evidence.outputs);
  return { chain, ...evidence };
}

const none: BatchName = { batchId: -1, ref: -1 };

/** S3 batch ids without holes; refs grow along the timeline. */
async function walkChain({ ports }: Runtime, newest: BatchName, oldestRetainedBatch: number): Promise<BatchBody[]> {
  const chain: BatchBody[] = [];
  for (let at: BatchName | null = newest; at !== null && at.batchId >= oldestRetainedBatch; ) {
    const body: BatchBody = await ports.seals.loadBody(at.batchId, at.ref);
    const { previous } = body;
    hold(
      'S3',
      body.batchId === at.batchId && (previous?.batchId ?? -1) === at.batchId - 1,
      () => `batch ${body.batchId} follows ${previous?.batchId}`,
    );
    hold('S1', (previous?.ref ?? -1) < body.ref, () => `ref ${body.ref} after ${previous?.ref}`);
    chain.unshift(body);
    at = previous;
  }
  return chain;
}

function checkRemembered(memory: Memory, body: BatchBody): void {
  const key = `${body.batchId}#${body.ref}`;
  const before = memory.get(key);
  if (before !== undefined) hold('S6', isDeepStrictEqual(before, body), () => `content of ${key} changed`);
  memory.set(key, body);
}

async function checkBatch(runtime: Runtime, previous: BatchBody | undefined, body: BatchBody): Promise<void> {
  const blocks = await runtime.ports.blocks.loadBlocks(body.batchId, body.ref, 40);
  const named = body.blocks.map(({ task, nonce }) => {
    const block = blocks.find((candidate) => candidate.task === task && candidate.nonce === nonce);
    hold('S11', block !== undefined, () => `batch ${body.batchId}: block of task ${task} is named and missing`);
    return block;
  });
  checkShards(previous, body, named);
  const { read, counted, filtered, late, deadLettered } = body.counters;
  hold('counts', read === counted + filtered + late + deadLettered, () => JSON.stringify(body.counters));
  hold(
    'W2',
    (previous?.watermarkOut ?? -Infinity) <= (body.watermarkOut ?? -Infinity),
    () => `watermark of batch ${body.batchId} goes back`,
  );
}

const isAt = (shard: ShardCheckpoint | undefined, place: Place): boolean =>
  shard !== undefined && isSamePlace(placeOf(shard), place);

/** S7, S8, S9: contents join end to start, shard by shard, and children wait for their parents. */
function checkShards(previous: BatchBody | undefined, body: BatchBody, blocks: readonly BlockSummary[]): void {
  const before = new Map(previous?.shards.map((shard) => [shard.shardId, shard]));
  const after = new Map(body.shards.map((shard) => [shard.shardId, shard]));
  const read = new Set<string>();
  for (const result of blocks.flatMap((block) => block.shards)) {
    hold('S7', !read.has(result.shardId), () => `${result.shardId} is twice in batch ${body.batchId}`);
    read.add(result.shardId);
    const from = before.get(result.shardId);
    if (from !== undefined)
      hold('S8', isSamePlace(placeOf(from), result.from), () => `${result.shardId}: gap before batch ${body.batchId}`);
    hold(
      'S8',
      isAt(after.get(result.shardId), placeAfter(result)),
      () => `${result.shardId}: checkpoint is not the end of the content`,
    );
    for (const parent of after.get(result.shardId)?.parents ?? []) {
      const parentBefore = before.get(parent) ?? after.get(parent);
      if (parentBefore === undefined) continue;
      const ended = before.get(parent)?.life === 'ended';
      hold(
        'S9',
        ended,
        () => `${result.shardId} was read in batch ${body.batchId} before its parent ${parent} had ended`,
      );
    }
  }
  for (const shard of before.values()) {
    const now: ShardCheckpoint | undefined = after.get(shard.shardId);
    hold('S8', now !== undefined || shard.life === 'ended', () => `${shard.shardId} vanished in batch ${body.batchId}`);
    if (now !== undefined && !read.has(shard.shardId)) {
      hold('S8', isAt(now, placeOf(shard)), () => `${shard.shardId} moved without being read`);
    }
  }
}

/** S10: each state is the fold of the committed chain. */
async function checkStates(runtime: Runtime, chain: readonly BatchBody[]): Promise<KeyGroupState[]> {
  const { ports, pipeline } = runtime;
  const aggregation = pipeline.aggregation!;
  const states: KeyGroupState[] = [];
  for (const [at, body] of chain.entries()) {
    for (let keyGroup = 0; keyGroup < body.parallelism; keyGroup++) {
      const named = body.states[keyGroup];
      const previous = chain[at - 1];
      checkNamed(previous, body, keyGroup);
      if (named === null || named === undefined) continue;
      const stored = await ports.states.loadState(keyGroup, named.batchId, named.ref);
      if (!isReduced(body, keyGroup)) continue;
      states.push(stored);
      if (previous === undefined && named.before !== undefined) continue;
      const before =
        named.before === undefined
          ? []
          : await windowsIn(
              ports,
              aggregation,
              await ports.states.loadState(keyGroup, named.before.batchId, named.before.ref),
            );
      const partials = await ports.blocks.loadPartials(body, keyGroup);
      const folded = reduceKeyGroup({ ...pipeline, aggregation }, body, {
        keyGroup,
        before,
        ...blocksOf(partials),
      });
      hold(
        'S10',
        shapeOf(folded) === shapeOf({ ...stored, windows: await windowsIn(ports, aggregation, stored) }),
        () => `state of key group ${keyGroup} after batch ${body.batchId}`,
      );
    }
    states.push(...(await checkGathered(runtime, body)));
  }
  return states;
}

type Shaped = Pick<ReturnType<typeof stateAfter<ReducedKeyGroup>>, 'windows' | 'fates' | 'outputs' | 'ranked'>;

const shapeOf = ({ windows, fates, outputs, ranked }: Shaped): string =>
  JSON.stringify([windows, fates, outputs, ranked]);

/** The same of the gathering step, of what the stored states have handed on. */
async function checkGathered({ ports, pipeline }: Runtime, body: BatchBody): Promise<readonly KeyGroupState[]> {
  const { batchId, ref } = body;
  const reduced = await Promise.all(reducedGroups(body).map((group) => ports.states.loadState(group, batchId, ref)));
  if (reduced.every(({ ranked }) => ranked === undefined)) return [];
  const gathered = new GatheredRows({ ...pipeline, aggregation: pipeline.aggregation! }, body);
  for (const { ranked = [] } of reduced) gathered.take(ranked);
  const { rows, setup, finish } = gathered.reduction();
  const folded = stateAfter([], finish(rows.map(rowEvaluator(pipeline, setup)), limitsOf(pipeline.outputs)));
  const stored = await ports.states.loadState(gatheringGroup(body), batchId, ref);
  hold('S10', shapeOf(folded) === shapeOf({ ...stored, windows: [] }), () => `what was gathered in batch ${batchId}`);
  return [stored];
}

/** Of all outputs. */
async function recordsIn({ ports }: Runtime, state: KeyGroupState): Promise<string[]> {
  const steps = state.inline ?? (await Promise.all(state.steps.map(({ from }) => ports.rows.loadStep(state, from))));
  const rows = steps.flatMap((step) => step.rows);
  return rows.flatMap((row) => (row.kind === 'output' ? row.records.map(({ record }) => String(record.data)) : []));
}

/** S10: what a seal names as the state before is what the one before it names as the state after. */
function checkNamed(previous: BatchBody | undefined, body: BatchBody, keyGroup: number): void {
  if (previous === undefined) return;
  const last = previous.states[keyGroup] ?? undefined;
  const next = body.states[keyGroup] ?? undefined;
  const before = isReduced(body, keyGroup) ? next?.before : next;
  hold(
    'S10',
    before?.batchId === last?.batchId && before?.ref === last?.ref,
    () => `batch ${body.batchId} goes on with another state of key group ${keyGroup} than the one before it left`,
  );
}

/** P1: live state never expires by itself; plans, blocks and reports do. Also: every item says its format. */
async function checkExpiry(world: World, pipeline: string, chain: readonly BatchBody[]): Promise<void> {
  const client = dynamodbOf(world);
  const groups = chain[0]?.parallelism ?? 0;
  const expiring = [`${pipeline}/blocks/00000`, ...deadLetterPartitions(pipeline)];
  const partitions = [pipeline, ...expiring];
  for (let group = 0; group < groups; group++) partitions.push(`${pipeline}/state/${String(group).padStart(5, '0')}`);
  for (const pk of partitions) {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      }),
    );
    for (const { sk, expires, v } of Items ?? []) {
      const key = `${pk} / ${sk?.S}`;
      hold('format', /^[1-9]$/.test(v?.N ?? ''), () => `${key} has no format version`);
      const mustExpire = /^(PLAN|PROGRESS|TROUBLE)#/.test(sk?.S ?? '') || expiring.includes(pk);
      hold('P1', (expires !== undefined) === mustExpire, () => `${key} ${mustExpire ? 'never expires' : 'expires'}`);
    }
  }
}

/** R1 to R5: the sink holds every output of every committed batch, nothing else, and repeats are equal byte for byte. */
async function checkSink(
  world: World,
  sink: string,
  pipeline: string,
  chain: readonly BatchBody[],
  stored: readonly string[],
  isOpen: boolean,
): Promise<Pick<Evidence, 'outputs' | 'repeats'>> {
  const byIdentity = new Map<string, string>();
  let repeats = 0;
  const expected = new Set(stored);
  const identities = new Set<string>();
  const refs = new Set(chain.map((body) => `${body.batchId}#${body.ref}`));
  const outputs: string[] = [];
  for (const row of await readSink(world, sink)) {
    const text = JSON.stringify(row);
    const identity = row._sluice as
      | { batch: number; ref: number; pipeline: string; source?: string; shard?: string }
      | undefined;
    if (identity === undefined) continue;
    hold('identity', identity.pipeline === pipeline, () => text);
    // A result has none.
    hold('identity', identity.shard === undefined || identity.source === 'main', () => text);
    const { base: _, ...key } = identity as Record<string, unknown>;
    const known = byIdentity.get(JSON.stringify(key));
    if (known !== undefined) {
      hold('R2', known === text, () => `one identity, two contents: ${known} and ${text}`);
      repeats += 1;
      continue;
    }
    byIdentity.set(JSON.stringify(key), text);
    outputs.push(text);
    identities.add(text);
    if (expected.size > 0 && !isOpen)
      hold(
        'R5',
        refs.has(`${identity.batch}#${identity.ref}`),
        () => `output of a batch that is not committed: ${text}`,
      );
  }
  for (const data of expected) hold('R3', identities.has(data), () => `committed output is not in the sink: ${data}`);
  return { outputs, repeats };
}

/** What an identity says of its result is what the row itself says, where user code has left it its columns. */
function checkVersions({ aggregation }: Runtime['pipeline'], outputs: readonly string[]): void {
  if (aggregation === undefined || aggregation.rowOperations.length > 0) return;
  for (const text of outputs) {
    const row = JSON.parse(text) as Record<string, string> & { readonly batchId?: number; readonly _sluice: object };
    const { windowStart, windowEnd, batchId = 0 } = row;
    const isOfBatch = windowStart === undefined;
    const version = {
      window: isOfBatch ? [batchId, batchId + 1] : [Date.parse(windowStart), Date.parse(windowEnd!)],
      key: JSON.stringify(aggregation.keys.map(({ name }) => row[name])),
      ...{ row: 0, revision: 0, timing: 'on-time', final: true, retracted: false },
    };
    hold('version', isDeepStrictEqual({ ...row._sluice, ...version }, row._sluice), () => text);
  }
}
