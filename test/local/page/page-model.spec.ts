/** What the page shows for what is known: values in, values out (PAGEMODEL-1). */
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../../functions/core/counters.ts';
import { endOfTime } from '../../../functions/core/end-of-time.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { maxReports } from '../../../local/page/history.ts';
import { afterStep, noSteps, type StepEvent } from '../../../local/page/live-steps.ts';
import type { PageFacts } from '../../../local/page/page-facts.ts';
import { changes, pageModel } from '../../../local/page/page-model.ts';
import type { ChartsModel } from '../../../local/page/panels/charts.ts';
import type { DeadLettersModel } from '../../../local/page/panels/dead-letters.ts';
import type { FindingsModel } from '../../../local/page/panels/findings.ts';
import type { LoopModel } from '../../../local/page/panels/loop.ts';
import type { ReconciliationModel } from '../../../local/page/panels/reconciliation.ts';
import type { ResultsModel } from '../../../local/page/panels/results.ts';
import type { ShardsModel } from '../../../local/page/panels/shards.ts';
import type { WaterfallModel } from '../../../local/page/panels/waterfall.ts';
import { checkpoint, ended, headOf, noon } from '../../support/builders.ts';
import { factsOf, report, shardRead } from './some-facts.ts';

const shown = <Model>(id: string, facts: PageFacts): Model => JSON.parse(pageModel(facts).get(id)!) as Model;
const live = (...events: readonly [StepEvent['step'], StepEvent['what'], number][]) =>
  events.reduce(
    (steps, [step, what, at]) => afterStep(steps, { step, what, at, error: new Error('no answer') }),
    noSteps,
  );
const held = { owner: 'o', claim: 'c', execution: 'arn:e', lease: { kind: 'held', until: noon + 90_000 } } as const;

it('says of each panel something also of a pipeline that has never run', () => {
  const model = pageModel(factsOf([]));
  expect(JSON.parse(model.get('page')!)).toMatchObject({ pipeline: 'departures', mode: 'table' });
  expect([...model.keys()].slice(0, 4)).toEqual(['page', 'findings', 'rates', 'lag']);
  expect(JSON.parse(model.get('loop')!)).toMatchObject({ state: 'not running', batchId: null, knownFrom: 'nothing' });
});

it('sends what has changed and nothing else (PAGEMODEL-1)', () => {
  const before = pageModel(factsOf([report(0)]));
  expect(changes(new Map(), before)).toContain('"shards":');
  expect(changes(before, pageModel(factsOf([report(0)], { readAt: noon + 61_000 })))).toBeUndefined();
  const rows = { main: { count: 1, last: [[0, { a: 1 }]] } } as const;
  const changed = JSON.parse(changes(before, pageModel(factsOf([report(0)], { rows })))!);
  expect(Object.keys(changed)).toEqual(['results']);
});

it('stays small: 300 batches of 20 shards are less than a few hundred KB', () => {
  const perShard = Array.from({ length: 20 }, (_, at) =>
    shardRead(`shardId-${at}`, { events: 999_999, bytes: 9_999_999 }),
  );
  const reports = Array.from({ length: maxReports + 50 }, (_, batchId) => report(batchId, { perShard }));
  const whole = changes(new Map(), pageModel(factsOf(reports)))!;
  expect(whole.length).toBeLessThan(100_000);
});

describe('findings', () => {
  const finding = (severity: 'info' | 'warning' | 'critical', subject: string) =>
    ({ kind: 'k', severity, subject, cause: 'why', mend: 'do' }) as const;

  it('stand worst first, and no more of them than one reads', () => {
    const all = [
      finding('info', 'a'),
      ...Array.from({ length: 30 }, () => finding('warning', 'b')),
      finding('critical', 'c'),
    ];
    const { findings, more } = shown<FindingsModel>('findings', factsOf([], { findings: all }));
    expect([findings[0]?.subject, findings[1]?.subject, findings.length, more]).toEqual(['c', 'b', 20, 12]);
  });

  it('tell of a step that fails, which no report does', () => {
    const failing = live(['plan', 'begins', 1], ['plan', 'ends', 2], ['process', 'begins', 3], ['process', 'fails', 4]);
    const { findings } = shown<FindingsModel>('findings', factsOf([], { live: failing }));
    expect(findings).toMatchObject([
      { kind: 'step-failing', severity: 'warning', cause: 'process failed once: Error: no answer' },
    ]);
  });

  it('tell that the table cannot be read', () => {
    const { findings } = shown<FindingsModel>('findings', factsOf([report(1)], { trouble: 'AccessDenied: no' }));
    expect(findings).toMatchObject([
      { kind: 'table-unreadable', severity: 'critical', cause: "The table can't be read: AccessDenied: no" },
    ]);
  });
});

describe('the loop', () => {
  const lit = ({ steps }: LoopModel) =>
    steps.filter(({ state }) => state === 'running' || state === 'perhaps').map(({ step }) => step);

  it('lights the step that runs, with how many of it and what failed', () => {
    const now = live(
      ['plan', 'begins', 1],
      ['plan', 'ends', 5],
      ['process', 'begins', 6],
      ['process', 'begins', 6],
      ['process', 'fails', 7],
      ['process', 'begins', 8],
    );
    const loop = shown<LoopModel>('loop', factsOf([], { live: now, mode: 'run' }));
    expect([lit(loop), loop.knownFrom, loop.state]).toEqual([['process'], 'driver', 'running']);
    expect(loop.steps.slice(0, 2)).toEqual([
      { step: 'plan', state: 'done', running: 0, failed: 0, ms: 4 },
      { step: 'process', state: 'running', running: 2, failed: 1, ms: null },
    ]);
  });

  it('waits between two turns', () => {
    expect(lit(shown('loop', factsOf([], { live: live(['plan', 'begins', 1], ['plan', 'ends', 2]) })))).toEqual([
      'wait',
    ]);
  });

  it('of a deployed pipeline lights what its head leaves open', () => {
    const committed = { batchId: 6, ref: 8 };
    const reading = shown<LoopModel>(
      'loop',
      factsOf([], { head: headOf({ committed, sealed: committed, holder: held }) }),
    );
    expect([lit(reading), reading.batchId, reading.knownFrom]).toEqual([
      ['plan', 'process', 'seal', 'wait'],
      7,
      'head',
    ]);
    const sealed = shown<LoopModel>(
      'loop',
      factsOf([], { head: headOf({ committed, sealed: { batchId: 7, ref: 9 }, holder: held }) }),
    );
    expect(lit(sealed)).toEqual(['reduce', 'commit']);
    expect(sealed).toMatchObject({ execution: 'arn:e', leaseUntil: noon + 90_000, state: 'running' });
  });

  it('judges a lease as of when it was read, not of now', () => {
    const stateAt = (readAt: number | undefined) =>
      shown<LoopModel>('loop', factsOf([], { head: headOf({ holder: held }), readAt })).state;
    expect([noon + 89_999, noon + 90_000, undefined].map(stateAt)).toEqual(['running', 'not running', 'not running']);
  });

  it('says when nobody runs it, and when somebody has stopped it', () => {
    const over = { ...held, lease: { kind: 'held', until: noon } } as const;
    const states = [
      headOf({ holder: over }),
      headOf({ control: 'stop', holder: over }),
      headOf({ control: 'stop', holder: held }),
    ];
    expect(states.map((head) => shown<LoopModel>('loop', factsOf([], { head })).state)).toEqual([
      'not running',
      'stopped',
      'stopping',
    ]);
    expect(lit(shown('loop', factsOf([], { head: states[0]! })))).toEqual([]);
  });
});

describe('charts', () => {
  const values = (id: string, reports: readonly BatchProgress[]) =>
    shown<ChartsModel>(id, factsOf(reports)).charts.map(({ lines }) =>
      Object.fromEntries(lines.map((line) => [line.name, line.values])),
    );

  it('give rates for the time since the batch before; of the first batch nobody knows', () => {
    const read = (batchId: number, events: number) =>
      report(batchId, { bytes: events * 100, counters: { ...noCounts, read: events, emitted: 1 } });
    expect(values('rates', [read(0, 10), read(1, 30), read(3, 30)])).toEqual([
      { read: [null, 30, 15], out: [null, 1, 0.5] },
      { bytes: [null, 3_000, 1_500] },
    ]);
  });

  it('give the lag of the shards that are furthest behind, by name', () => {
    const at = (behind: number) => [
      shardRead('shardId-000000000002', { millisBehindLatest: behind }),
      ...Array.from({ length: 6 }, (_, index) =>
        shardRead(`shardId-00000000001${index}`, { millisBehindLatest: index }),
      ),
    ];
    const [lag] = values('lag', [
      report(0, { millisBehindLatest: 40, perShard: at(40) }),
      report(1),
      report(2, { millisBehindLatest: 90, perShard: at(90) }),
    ]);
    expect(lag).toMatchObject({ furthest: [40, 0, 90], 'shard 2': [40, null, 90], 'shard 15': [5, null, 5] });
    expect(Object.keys(lag!)).toHaveLength(6);
  });

  it('give the gap of the watermark where there is one, and not behind its end', () => {
    const watermarks = [null, noon - 500, endOfTime];
    const [gap] = values(
      'windows',
      watermarks.map((watermark, batchId) => report(batchId, { watermark })),
    );
    expect(gap).toEqual({ gap: [null, 1_500, null] });
  });

  it('give the cost so far, which never falls, and its parts, which add up to it', () => {
    const [cost] = values('cost', [report(0), report(1), report(9)]) as [Record<string, number[]>];
    expect(Object.keys(cost)).toEqual(['all', 'Lambda', 'DynamoDB', 'S3', 'Step Functions']);
    const parts = [1, 2].map(
      (at) => cost.Lambda![at]! + cost.DynamoDB![at]! + cost.S3![at]! + cost['Step Functions']![at]!,
    );
    expect(cost.all![1]).toBeCloseTo(parts[0]!, 6);
    expect(cost.all![2]).toBeCloseTo(parts[1]!, 6);
    expect(cost['Step Functions']![2]! / cost['Step Functions']![1]!).toBeCloseTo(9, 1);
  });

  it('give what was left out', () => {
    const counters = { ...noCounts, read: 5, late: 2, deadLettered: 3 };
    expect(values('left-out', [report(0, { counters })])).toEqual([
      { late: [2], 'dead-lettered': [3], 'refused rows': [0] },
    ]);
  });
});

it('reconciles the last batch and all of them', () => {
  const counters = { ...noCounts, read: 10, counted: 6, filtered: 1, late: 1, deadLettered: 2 };
  const even = shown<ReconciliationModel>(
    'reconciliation',
    factsOf([report(3, { counters }), report(4, { counters })]),
  );
  expect(even.lines.map(({ name, isEven }) => [name, isEven])).toEqual([
    ['Batches 3 to 4', true],
    ['Batch 4', true],
  ]);
  expect(even.lines[0]?.events).toBe('read 20 = counted 12 + filtered 2 + late 2 + dead-lettered 4');
  const odd = shown<ReconciliationModel>(
    'reconciliation',
    factsOf([report(3, { counters: { ...counters, late: 0 } })]),
  );
  expect(odd.lines.map(({ isEven }) => isEven)).toEqual([false, false]);
});

describe('the waterfall', () => {
  it('has the steps of a report one behind the other, with their tries, the newest batch first', () => {
    const steps = [
      { step: 'plan', at: noon, ms: 10 },
      { step: 'process', at: noon + 10, ms: 200, tries: 3 },
    ];
    const reports = [report(0), report(1, { steps } as object)];
    expect(shown<WaterfallModel>('waterfall', factsOf(reports)).batches).toMatchObject([
      {
        batchId: 1,
        at: noon,
        ms: 210,
        bars: [
          { step: 'plan', from: 0, ms: 10, tries: 1 },
          { step: 'process', from: 10, ms: 200, tries: 3 },
        ],
      },
      { batchId: 0, ms: null, bars: [] },
    ]);
  });

  it('has the batch that is being made, and what was tried again in it', () => {
    const now = live(
      ['plan', 'begins', 100],
      ['plan', 'ends', 120],
      ['process', 'begins', 130],
      ['process', 'fails', 150],
      ['process', 'begins', 160],
    );
    const [running] = shown<WaterfallModel>('waterfall', factsOf([], { live: now })).batches;
    expect(running).toMatchObject({
      batchId: null,
      ms: null,
      bars: [
        { step: 'plan', ms: 20, tries: 1 },
        { step: 'process', from: 30, ms: null, tries: 2 },
      ],
    });
  });
});

describe('shards', () => {
  const half = (2n ** 127n).toString();
  const last = (2n ** 128n - 1n).toString();

  it('stand below their parents, in the order of their hash keys, a merged one once', () => {
    const shards = [
      checkpoint('merged', { parents: ['left', 'right'], hashRange: { start: '0', end: last } }),
      checkpoint('right', { parents: ['root'], hashRange: { start: half, end: last } }),
      checkpoint('left', { parents: ['root'], hashRange: { start: '0', end: (2n ** 127n - 1n).toString() } }),
      ended('root', { hashRange: { start: '0', end: last } }),
    ];
    const model = shown<ShardsModel>('shards', factsOf([], { shards }));
    expect(model.shards.map(({ shardId, depth }) => [shardId, depth])).toEqual([
      ['root', 0],
      ['left', 1],
      ['merged', 2],
      ['right', 1],
    ]);
    expect(model.shards[1]).toMatchObject({ from: 0, to: 0.5, parents: ['root'] });
    expect(model.shards[0]).toMatchObject({ life: 'ended', position: 'read to its end' });
  });

  it('have the state, the share and the lag that the last batch says', () => {
    const perShard = [
      shardRead('a', { bytes: 300, events: 3, state: 'throttled', throttles: 2, millisBehindLatest: 70 }),
      shardRead('b', { bytes: 100 }),
    ];
    const model = shown<ShardsModel>(
      'shards',
      factsOf([report(0, { perShard })], { shards: [checkpoint('a'), checkpoint('b')] }),
    );
    expect(model.shards[0]).toMatchObject({
      shardId: 'a',
      state: 'throttled',
      share: 0.75,
      behindMs: 70,
      throttles: 2,
      events: 3,
    });
  });

  it('are those of the report as long as no body was read, and no more than can be drawn', () => {
    const perShard = Array.from({ length: 250 }, (_, at) => shardRead(`shard-${at}`));
    const model = shown<ShardsModel>('shards', factsOf([report(0, { perShard })]));
    expect([model.shards.length, model.more]).toEqual([200, 50]);
  });
});

it('names dead letters by reason, most first, with the id by which one asks for a payload, and no control characters', () => {
  const example = {
    source: 'main',
    shardId: 'shardId-1',
    sequenceNumber: '49',
    subSequenceNumber: 2,
    message: 'not\nJSON',
  };
  const model = shown<DeadLettersModel>(
    'dead-letters',
    factsOf([
      report(0, {
        deadLetters: [
          { reason: 'invalid-json', count: 1, example },
          { reason: 'schema-mismatch', count: 4, example },
        ],
      }),
    ]),
  );
  expect(model.events).toEqual([
    { reason: 'schema-mismatch', count: 4, id: 'main/shardId-1/49/2', shard: 'shardId-1', message: 'not JSON' },
    { reason: 'invalid-json', count: 1, id: 'main/shardId-1/49/2', shard: 'shardId-1', message: 'not JSON' },
  ]);
});

it('says beside dead letters how the last redrive stands', () => {
  const soFar = { letters: 5, dead: 2, missing: 0, unreadable: 0, deadly: [] };
  const at = report(0, { redrive: { request: 'r', next: 5, soFar } });
  const redrive = { request: 'r', generation: 1, count: 8, late: 'count', madeAt: noon } as const;
  const of = (head: Partial<PageFacts['head']>) =>
    shown<DeadLettersModel>('dead-letters', { ...factsOf([at]), head: headOf(head), readAt: noon }).redrive;
  expect(of({ redrive })).toBe(
    'under way: 5 of 8 letters taken (3 counted, 2 dead again), made at 2026-03-01T12:00:00.000Z (r)',
  );
  expect(of({ redrive: { ...redrive, count: 5, calledOff: { at: noon, count: 8 } } })).toMatch(/^called off: 5 of 8/);
  expect(of({})).toBeNull();
});

it('shows rows of a run by output, the newest first, and says of a deployed pipeline that nobody tells', () => {
  const rows = {
    main: {
      count: 7,
      last: [
        [3, { origin: 'ORD', n: 1 }],
        [4, { origin: 'JFK', more: { a: 1 } }],
      ],
    },
  } as const;
  expect(shown<ResultsModel>('results', factsOf([], { rows })).outputs).toEqual([
    {
      output: 'main',
      count: 7,
      columns: ['batch', 'origin', 'n', 'more'],
      rows: [
        ['4', 'JFK', '', '{"a":1}'],
        ['3', 'ORD', '1', ''],
      ],
    },
  ]);
  expect(shown('results', factsOf([]))).toEqual({});
});
