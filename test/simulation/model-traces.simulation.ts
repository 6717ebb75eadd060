/**
 * Traces in which the model of the protocol went wrong before it was as it is (docs/protocol.md), and those in which the
 * product did: each as faults on a pipeline that is the same otherwise. Every check of the harness watches.
 */
import { describe, expect, it } from 'vitest';
import { describeFault, isCallFault, parseScript } from './faults/fault.ts';
import type { RunResult } from './world/run-result.ts';
import type { Scenario } from './world/scenario.ts';
import { World } from './world/world.ts';

const day = 86_400_000;

const ordinary: Scenario = {
  kind: 'windowed',
  consumerType: 'GetRecords',
  idleEventMs: 1_000,
  machine: 'EXPRESS',
  request: {},
  shards: 2,
  sinkShards: 1,
  parallelism: 2,
  shardsPerTask: 1,
  maxFetch: 10,
  triggerMs: 5_000,
  describeMs: 1_000,
  delayMs: 2_000,
  windowMs: 5_000,
  idleTimeoutMs: 5_000,
  minBatchesToRetain: 2,
  retentionMs: day,
  failOnDataLoss: false,
  startingPosition: 'TRIM_HORIZON',
  events: 220,
  keys: 6,
  durationMs: 100_000,
  perRecord: 1,
  oddShare: 0.05,
  hasPoison: false,
  maxClockSkewMs: 100,
  silence: undefined,
  reshards: [],
  isKpl: false,
  availableNow: false,
};

async function run(script: string, changes: Partial<Scenario> = {}): Promise<RunResult> {
  const faults = parseScript(script);
  const result = await new World({ seed: 1, scenario: { ...ordinary, ...changes }, faults }).run();
  for (const fault of faults) {
    const name = isCallFault(fault) ? `${fault.kind} ${fault.step}/${fault.call} ${fault.when}` : fault.kind;
    expect(result.hits.get(name), `${describeFault(fault)} struck`).toBeGreaterThan(0);
  }
  expect(result.violations).toEqual([]);
  expect(result.batches).toBeGreaterThanOrEqual(15);
  expect(result.events).toBeGreaterThanOrEqual(220);
  return result;
}

describe('who may move the head', () => {
  it('twins under one name: each plan has an epoch of its own (C1, C2)', () =>
    run('twin@plan-batch/claim:after#3;twin@process-shards/put-block:before#9;twin@seal-batch/seal:after#8'));

  it('a plan that is tried again packs anew, and only one of the two is sealed (C1, D3)', () =>
    run('doubled@plan-batch/put-plan:after#3;sleeper:3@plan-batch/put-plan:before#6;doubled@plan-batch/claim:after#8'));

  it('a successor that is started twice (C2, D4)', () =>
    run('double-schedule:1@t0+400000', { triggerMs: 20_000, durationMs: 350_000 }));

  it('answers that are lost after the write: the same write is found to be done (D29)', () =>
    run('lost@plan-batch/claim:after#4;lost@seal-batch/seal:after#3;lost@commit-batch/commit:after#6'));

  it('who put a body and was superseded before the seal holds up nobody (C3, D9)', async () => {
    await run('halt@seal-batch/seal:before#3');
    await run('halt@seal-batch/put-body:after#2');
  });

  it('seals and commits that wake up when others have moved on (D11, D12, D25 to D27)', () =>
    run(
      'sleeper:4@seal-batch/seal:before#3;sleeper:9@seal-batch/seal:before#8;sleeper:6@commit-batch/commit:before#12',
    ));

  it('a plan from before the claim of another (D38)', () =>
    run(
      'sleeper:5@plan-batch/load-body:before#5;twin@plan-batch/load-body:before#5;sleeper:12@plan-batch/claim:before#9',
    ));
});

describe('what a batch contains', () => {
  it('a block that arrives after its seal is not in it (D5 to D7)', () =>
    run('sleeper:3@process-shards/put-block:before#5;sleeper:20@process-shards/put-block:before#11'));

  it('two seals of one epoch see different blocks, and one of them is the batch (D10)', () =>
    run(
      'sleeper:2@process-shards/put-block:before#7;sleeper:4@seal-batch/put-body:before#4;doubled@seal-batch/load-block:before#9',
    ));

  it('a deployment between state and sending: what is stored is sent (C4, D16 to D19)', () =>
    run(
      'crash@reduce-key-group/send:before#2;deploy@reduce-key-group/put-state:after#4;crash@reduce-key-group/send:before#5',
    ));

  it('a reducer that sent and was not heard: the repeat has the same bytes (C5, D20, D22)', () =>
    run('crash@reduce-key-group/send:after#3;halt@reduce-key-group/send:after#6'));

  it('slow reducers that wake up after the purge find nothing, and that is not empty (C6, D33)', () =>
    run('sleeper:60@reduce-key-group/load-state:before#5;sleeper:60@reduce-key-group/query-partials:before#8', {
      keptLimits: { mostOfGroup: 0, mostOfBlock: 0 },
    }));

  it('purges that wake up when the oldest retained batch is elsewhere (C7, D32)', () =>
    run('sleeper:30@commit-batch/delete-purged:before#2;sleeper:20@commit-batch/query-purgeable:before#9'));

  it('a stop that is longer than any expiry (C7, D34)', () =>
    run(`halt@reduce-key-group/put-state:before#9;time-jump:1@t40000+${40 * day};ttl-sweep:1@t${30 * day}+1`, {
      retentionMs: 60 * day,
    }));

  it('without aggregation: a try that sent more than the batch that is sealed, and new code in the next (C10)', () =>
    run(
      'crash@process-shards/put-block:before#4;deploy@process-shards/send:after#7;sleeper:8@process-shards/send:after#9',
      {
        kind: 'map-only',
      },
    ));
});

describe('shards', () => {
  const reshards = [
    { at: 15_000, kind: 'split' },
    { at: 30_000, kind: 'merge' },
    { at: 31_000, kind: 'split' },
    { at: 60_000, kind: 'merge' },
  ] as const;

  it('that no listing shows yet are known by the end of their parents (D36, D56)', () =>
    run('stale-listing:30000@t0+100000', { reshards }));

  it('that fail keep their place, and hold the watermark (D35, D59)', () =>
    run('sick-shard:0@t10000+30000;sick-shard:1@t50000+20000', { reshards }));

  it('with stamps that are up to 110 seconds off, and idle for longer than the margin (D62, D65)', () =>
    run('skew:110000@t0+600000;stretch:20000@t10000+80000', {
      reshards,
      keys: 2,
      triggerMs: 20_000,
      durationMs: 380_000,
    }));

  it('of a stream that is younger than the answers to the first requests', () =>
    run('stale-listing:5000@t0+20000', { startingPosition: 'LATEST', reshards }));

  it('that retention took before the first commit are reported as lost', async () => {
    const { lost } = await run(`halt@process-shards/put-block:before#1;time-jump:1@t50000+${2 * day}`, { reshards });
    expect(lost).toBeGreaterThan(0);
  });

  it('that came and went during an outage are reported, and their children are read', async () => {
    const { lost } = await run(`time-jump:1@t20000+${2 * day};refused-trimmed:1@t20000+${2 * day + 60_000}`, {
      reshards,
    });
    expect(lost).toBeGreaterThan(0);
  });
});
