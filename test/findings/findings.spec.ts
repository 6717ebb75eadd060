/** What each kind finds, and when it does not. The bars over the embedded services: test/cli/findings.http.ts. */
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../functions/core/counters.ts';
import type { PipelineFacts } from '../../functions/findings/facts.ts';
import type { Finding } from '../../functions/findings/finding.ts';
import { findingKinds, findingsOf } from '../../functions/findings/index.ts';
import { checkpoint, headOf, heldUntil, holderOf, hours, named, noon } from '../support/builders.ts';
import { batchesOf, batchReport, shardReport } from '../support/reports.ts';

const minutes = (count: number): number => count * 60_000;
const found = (given: Partial<PipelineFacts>): readonly Finding[] =>
  findingsOf({ head: headOf(), reports: [], now: noon, ...given });
const short = (given: Partial<PipelineFacts>) =>
  found(given).map(({ kind, severity, subject }) => [kind, severity, subject]);
const mendsOf = (reports: PipelineFacts['reports']) => found({ reports }).map(({ mend }) => mend);
const tip = shardReport('b', { records: 10 });

it('finds nothing in a pipeline that is well, was never read, or has nothing to do', () => {
  expect(found({})).toEqual([]);
  expect(found({ reports: batchesOf({ shards: [shardReport('a'), tip] }, { shards: [tip] }) })).toEqual([]);
  expect(found({ reports: [batchReport({ committedAt: noon - hours(100) })] })).toEqual([]);
});

it('puts the worst first, and among equals those of the first kind', () => {
  const dead = {
    reason: 'invalid-json',
    count: 90,
    example: { ...named('a'), sequenceNumber: '5', subSequenceNumber: 0 },
  } as const;
  const reports = [
    batchReport({
      counters: { ...noCounts, read: 100, deadLettered: 90, late: 1, counted: 9 },
      deadLetters: [{ ...dead, count: 2, reason: 'empty-record' }, dead],
      dataLoss: [{ ...named('a'), lastRead: null, readThrough: noon, firstAvailable: null }],
    }),
  ];
  expect(short({ reports })).toEqual([
    ['data-loss', 'critical', 'a'],
    ['dead-letters', 'critical', 'pipeline'],
    ['dead-letters', 'warning', 'pipeline'],
  ]);
});

it('says of every finding what one can do, in one line', () => {
  for (const { kind, mend, when } of findingKinds) {
    expect(`${when} ${mend}`, kind).toMatch(/^[A-Z].*\. [A-Z`].*\.$/);
  }
});

describe('a stuck shard', () => {
  const broken = shardReport('a', { state: 'failed', error: 'CorruptCheckpoint' });

  it('has failed in two batches, and is named with its error', () => {
    const reports = batchesOf({ shards: [broken, tip] }, { shards: [broken, tip] }, { shards: [tip] });
    expect(found({ reports })).toEqual([
      {
        ...{ kind: 'stuck-shard', severity: 'critical', subject: 'a' },
        cause:
          'Its reads have failed in each of the last 2 batches with CorruptCheckpoint; its records wait, and the others go on.',
        mend: expect.stringContaining('another name'),
      },
    ]);
    expect(found({ reports: reports.slice(0, 1) })).toEqual([]);
    expect(found({ reports: batchesOf({ shards: [tip] }, { shards: [broken] }, { shards: [broken] }) })).toEqual([]);
  });

  it('is told of where nothing is committed at all', () => {
    const shard = { ...named('a'), error: 'TemporaryFailure', message: 'Kinesis: timed out', since: noon - 5_000 };
    const trouble = { kind: 'read', task: 0, ref: 9, at: noon - 1_000, failed: 1, shards: [shard] } as const;
    expect(found({ troubles: [trouble] })).toMatchObject([
      { kind: 'stuck-shard', severity: 'warning', subject: 'a', cause: expect.stringContaining('Kinesis: timed out') },
    ]);
    // Once is none.
    expect(found({ troubles: [{ ...trouble, at: shard.since }] })).toEqual([]);
    // Its task has gone well since, or there would be a younger note.
    expect(found({ troubles: [trouble], now: noon + minutes(2) })).toEqual([]);
    expect(short({ troubles: [{ ...trouble, shards: [{ ...shard, since: noon - minutes(1) }] }] })).toEqual([
      ['stuck-shard', 'critical', 'a'],
    ]);
  });

  it('comes no further in three batches, while others go on', () => {
    const still = (millisBehindLatest: number) => shardReport('a', { state: 'reading', millisBehindLatest });
    const at = (...behind: readonly number[]) => batchesOf(...behind.map((ms) => ({ shards: [still(ms), tip] })));
    expect(short({ reports: at(9_000, 8_000, 7_000) })).toEqual([['stuck-shard', 'warning', 'a']]);
    expect(found({ reports: at(9_000, 8_000) })).toEqual([]);
    // It crosses an empty stretch.
    expect(found({ reports: at(7_000, 8_000, 9_000) })).toEqual([]);
  });

  it('is one of the first three; of the others it is said how many there are', () => {
    const shards = Array.from({ length: 50 }, (_, at) => shardReport(`s${at}`, { state: 'failed' }));
    const all = found({ reports: batchesOf({ shards }, { shards }) });
    expect(all.map(({ subject }) => subject)).toEqual(['s0', 's1', 's2', 'pipeline']);
    expect(all[3]!.cause).toBe('47 more shards are in the same state.');
  });
});

it('has dead letters read again by redrive, but rows that were refused, and records that can not be taken apart', () => {
  const example = { ...named('a'), sequenceNumber: '49', subSequenceNumber: 2 };
  const counters = { ...noCounts, read: 1, deadLettered: 1 };
  const ofEvents = (reason: 'callback-failed' | 'corrupt-aggregated-record') =>
    mendsOf(batchesOf({ given: { counters, deadLetters: [{ reason, count: 1, example }] } }));
  expect(ofEvents('callback-failed')).toEqual([
    expect.stringContaining('`sluice dead-letters redrive --pipeline test --reason callback-failed`'),
  ]);
  expect(ofEvents('corrupt-aggregated-record')).toEqual([expect.not.stringContaining('redrive')]);
  const rows = mendsOf(batchesOf({ given: { refusedRows: [{ reason: 'callback-failed', count: 1, example }] } }));
  expect(rows).toEqual([expect.stringContaining('write the rows by hand')]);
  expect(rows).toEqual([expect.not.stringContaining('redrive')]);
});

describe('a poison record', () => {
  const suspicion = { ...named('a'), stage: 'isolated', among: 1, ref: 7, task: 0, quiet: 0 } as const;
  const suspect = { sequenceNumber: '49', sub: 2, deaths: 2, diedAt: noon, othersWentOn: true, how: 'out of memory' };
  const suspicions = { shards: [{ ...suspicion, suspect }], letters: [], through: 7 };

  it('is named while its shard stands before it', () => {
    expect(found({ head: headOf({ suspicions }) })).toMatchObject([
      {
        ...{ kind: 'poison-record', severity: 'critical', subject: 'a' },
        cause:
          'The event 49/2 has ended its executor 2 times (out of memory); the shard stands before it, the others go on.',
      },
    ]);
  });

  it('is looked for where a shard is held', () => {
    const reports = batchesOf({ shards: [shardReport('a', { state: 'held' }), tip] });
    expect(short({ reports })).toEqual([['poison-record', 'warning', 'a']]);
    expect(found({ head: headOf({ suspicions }), reports })).toHaveLength(1);
  });

  it('is told of by the name of its dead letter', () => {
    const example = { ...named('a'), sequenceNumber: '49', subSequenceNumber: 2, message: 'ran without end' };
    const deadLetters = [{ reason: 'crashed-executor', count: 1, example }] as const;
    const reports = batchesOf({ given: { deadLetters, counters: { ...noCounts, read: 1, deadLettered: 1 } } });
    expect(found({ reports })).toMatchObject([
      { severity: 'warning', subject: 'a', mend: expect.stringContaining('dead-letters show main/a/49/2') },
    ]);
    expect(mendsOf(reports)).toEqual([
      expect.stringContaining('`sluice dead-letters redrive --pipeline test --reason crashed-executor`'),
    ]);
    const refusedRows = [{ reason: 'crashed-reducer', count: 1, example }] as const;
    const [row] = mendsOf(batchesOf({ given: { refusedRows } }));
    expect(row).toContain('by hand');
    expect(row).not.toContain('redrive');
  });
});

describe('a skewed shard', () => {
  const hot = (millisBehindLatest: number) => shardReport('a', { state: 'reading', records: 90, millisBehindLatest });
  const at = (...behind: readonly number[]) => batchesOf(...behind.map((ms) => ({ shards: [hot(ms), tip] })));

  it('brings most of the records and comes no nearer to its tip, the others being there', () => {
    expect(found({ reports: at(9_000, 8_000) })).toMatchObject([
      {
        ...{ kind: 'skewed-shard', severity: 'warning', subject: 'a' },
        cause: expect.stringContaining('It brings 90 % of the records and is 9 s behind, while the other 1 shards'),
        mend: expect.stringContaining('split-shard --stream-name source --shard-to-split a'),
      },
    ]);
  });

  it('is none where it catches up, is the only one, or all are behind', () => {
    expect(found({ reports: at(7_000, 8_000) })).toEqual([]);
    expect(found({ reports: batchesOf({ shards: [hot(9)] }, { shards: [hot(8)] }) })).toEqual([]);
    const others = { ...tip, state: 'reading' } as const;
    expect(found({ reports: batchesOf({ shards: [hot(9), others] }, { shards: [hot(8), others] }) })).toEqual([]);
  });
});

describe('a slow sink', () => {
  const head = headOf({ sealed: { batchId: 1, ref: 7 }, holder: holderOf({ lease: heldUntil(noon + 9_000) }) });
  const slow = { alerts: { ms: 15_000, left: 70, error: 'TemporaryFailure' }, main: { ms: 2_000 } };
  const groups = [0, 1].map((keyGroup) => ({ keyGroup, why: 'output alerts: throttled', outputs: slow }));
  const trouble = { kind: 'reduce', batchId: 1, ref: 7, since: noon - 20_000, at: noon, left: 2, groups } as const;

  it('is named while its batch is not committed', () => {
    expect(found({ head, troubles: [trouble] })).toMatchObject([
      {
        ...{ kind: 'slow-sink', severity: 'warning', subject: 'alerts' },
        cause:
          '140 records of 2 key groups are left for this output: it ends with TemporaryFailure (output alerts: throttled); batch 1 has gone back to it for 20 s, and no later batch begins.',
      },
    ]);
    expect(short({ head, troubles: [{ ...trouble, since: noon - 45_000 }] })).toEqual([
      ['slow-sink', 'critical', 'alerts'],
    ]);
    expect(found({ head, troubles: [{ ...trouble, batchId: 0 }] })).toEqual([]);
    expect(found({ head: headOf(), troubles: [trouble] })).toEqual([]);
  });

  it('is named where executors send to it', () => {
    const shard = { ...named('a'), error: 'NotAllowed', message: 'no right', output: 'main', since: noon };
    expect(
      found({ troubles: [{ kind: 'read', task: 0, ref: 9, at: noon, failed: 1, shards: [shard] }] }),
    ).toMatchObject([
      { kind: 'slow-sink', severity: 'warning', subject: 'main', mend: expect.stringContaining('right') },
    ]);
  });

  it('is named when it has been slow in two batches that are committed', () => {
    const of = (ms: number, rounds?: number) => ({
      given: { slow: { main: { ms, ...(rounds === undefined ? {} : { rounds }) } } },
    });
    expect(short({ reports: batchesOf(of(12_000), of(11_000)) })).toEqual([['slow-sink', 'warning', 'main']]);
    expect(short({ reports: batchesOf(of(1_500, 2), of(1_500, 1)) })).toEqual([['slow-sink', 'warning', 'main']]);
    expect(found({ reports: batchesOf(of(12_000), of(2_000)) })).toEqual([]);
  });

  it('is not to blame for a group that fails otherwise', () => {
    const failing = { ...trouble, groups: [{ keyGroup: 3, why: 'Lambda.Unknown' }] };
    expect(found({ head, troubles: [failing] })).toMatchObject([
      { kind: 'stuck-reduce', subject: 'key group 3', cause: expect.stringContaining('Lambda.Unknown') },
    ]);
    const failingLong = { ...failing, since: noon - minutes(1) };
    expect(short({ head, troubles: [failingLong] })).toEqual([['stuck-reduce', 'critical', 'key group 3']]);
  });

  it('is not to blame for a batch that goes round for ten minutes with nothing left for it', () => {
    const round = (ago: number) => [
      { ...trouble, since: noon - ago, groups: [{ keyGroup: 3, outputs: { main: { ms: 1 } } }] },
    ];
    expect(found({ head, troubles: round(minutes(9)) })).toEqual([]);
    expect(found({ head, troubles: round(minutes(10)) })).toMatchObject([
      {
        ...{ kind: 'stuck-reduce', severity: 'warning', subject: 'pipeline' },
        cause: 'Batch 1 is sealed and not committed, and has gone back to its reducers for 10 min.',
      },
    ]);
  });

  it('is not looked for while a batch is reduced, however long ago the last commit was: the trigger lies between', () => {
    const reports = [batchReport({ committedAt: noon - hours(12) })];
    expect(found({ head, reports })).toEqual([]);
    // Nor is it beside an output that is to blame.
    const long = { ...trouble, since: noon - minutes(11) };
    expect(short({ head, reports, troubles: [long] })).toEqual([['slow-sink', 'critical', 'alerts']]);
  });
});

describe('a pipeline without a driver', () => {
  const lease = (ago: number) => headOf({ holder: holderOf({ lease: heldUntil(noon - ago) }) });

  it('is one whose lease has run out', () => {
    expect(found({ head: lease(minutes(2)) })).toEqual([]);
    expect(short({ head: lease(minutes(3)) })).toEqual([['no-driver', 'warning', 'pipeline']]);
    expect(short({ head: lease(minutes(15)) })).toEqual([['no-driver', 'critical', 'pipeline']]);
    expect(short({ head: { ...lease(minutes(15)), control: 'stop' } })).toEqual([['stopped', 'info', 'pipeline']]);
  });

  it('is one with something left to do; one that ended with nothing left is done', () => {
    const committedAt = noon - minutes(5);
    const left = [batchReport({ committedAt, perShard: [shardReport('a', { state: 'reading' })] })];
    expect(short({ reports: left })).toEqual([['no-driver', 'warning', 'pipeline']]);
    const reports = [batchReport({ committedAt, perShard: [shardReport('a')] })];
    expect(found({ reports })).toEqual([]);
    expect(short({ reports, head: headOf({ sealed: { batchId: 1, ref: 7 } }) })).toEqual([
      ['no-driver', 'warning', 'pipeline'],
    ]);
  });
});

describe('a pipeline that falls behind', () => {
  const at = (...behind: readonly number[]) =>
    batchesOf(...behind.map((ms) => ({ given: { millisBehindLatest: ms, perShard: [] } })));

  it('nears the loss of records', () => {
    expect(short({ reports: at(hours(6)) })).toEqual([['falling-behind', 'warning', 'pipeline']]);
    expect(found({ reports: at(hours(12)) })).toMatchObject([
      {
        severity: 'critical',
        cause: 'It is 12.0 h behind, 50 % of the 24.0 h that the stream keeps: what is older is lost.',
      },
    ]);
    expect(found({ reports: at(hours(5)) })).toEqual([]);
    // Nothing was committed since.
    expect(short({ reports: at(hours(5)), now: noon + hours(1) })).toEqual([['falling-behind', 'warning', 'pipeline']]);
  });

  it('is further behind with each batch', () => {
    expect(short({ reports: at(6, 5, 4, 3).map((each) => each) })).toEqual([]);
    expect(short({ reports: at(minutes(6), minutes(5), minutes(4), minutes(3)) })).toEqual([
      ['falling-behind', 'warning', 'pipeline'],
    ]);
    expect(found({ reports: at(minutes(6), minutes(7), minutes(4), minutes(3)) })).toEqual([]);
  });
});

it('names shards that Kinesis refuses in two batches', () => {
  const throttled = shardReport('a', { state: 'throttled', calls: 5, throttles: 4 });
  expect(found({ reports: batchesOf({ shards: [throttled] }, { shards: [throttled] }) })).toMatchObject([
    { kind: 'throttled-reads', subject: 'a', cause: expect.stringContaining('refused 4 of 9 calls') },
  ]);
  expect(found({ reports: batchesOf({ shards: [throttled] }, { shards: [tip] }) })).toEqual([]);
});

it('names a quiet shard that holds the watermark back', () => {
  const mark = (shardId: string, watermark: number | null, lastArrival: number | null) =>
    checkpoint(shardId, { watermark, lastArrival, readThrough: noon });
  const at = (...marks: readonly Readonly<Parameters<typeof mark>>[]) => ({
    shards: marks.map((each) => mark(...each)),
  });
  const [one, other] = [
    ['a', noon, noon],
    ['b', noon + 1, noon],
  ] as const;
  const back = ['c', noon - minutes(20), noon - minutes(20)] as const;
  expect(found(at(one, other, back))).toMatchObject([
    { kind: 'held-watermark', severity: 'warning', subject: 'c', mend: expect.stringContaining('idleTimeout') },
  ]);
  expect(found(at(one, other, ['c', null, null]))).toMatchObject([{ cause: expect.stringContaining('no event yet') }]);
  const young = headOf({ createdAt: noon - minutes(9) });
  expect(found({ head: young, ...at(one, other, ['c', null, null]) })).toEqual([]);
  // It brings records: they are old.
  expect(found(at(one, other, ['c', noon - minutes(20), noon]))).toEqual([]);
  expect(found(at(one, other))).toEqual([]);
});

it('tells of late events from 1 % on', () => {
  const of = (late: number, counted: number) => ({
    reports: [batchReport({ counters: { ...noCounts, read: late + counted, late, counted } })],
  });
  expect(short(of(10, 90))).toEqual([['late-events', 'warning', 'pipeline']]);
  expect(short(of(1, 99))).toEqual([['late-events', 'info', 'pipeline']]);
  expect(found(of(1, 100))).toEqual([]);
});

it('tells of a limit that is near, with what the warning says to do', () => {
  const warning = {
    limit: 'payload',
    size: 190,
    most: 200,
    message: 'It has 190, of 200 at most: fewer outputs',
  } as const;
  expect(found({ reports: [batchReport({ warnings: [warning] })] })).toEqual([
    {
      ...{ kind: 'near-limit', severity: 'critical', subject: 'pipeline' },
      ...{ cause: 'It has 190, of 200 at most (payload).', mend: 'Have fewer outputs.' },
    },
  ]);
  expect(short({ reports: [batchReport({ warnings: [{ ...warning, size: 150 }] })] })[0]![1]).toBe('warning');
});

it('tells of outputs that are detached, and how much is kept for them', () => {
  const of = (next: number) =>
    headOf({
      committed: { batchId: 60_000, ref: 6 },
      sealed: { batchId: 60_000, ref: 6 },
      detached: { alerts: { at: noon - hours(1), since: next, next, kept: 1_234 } },
    });
  expect(found({ head: of(59_991) })).toMatchObject([
    {
      ...{ kind: 'detached-output', severity: 'info', subject: 'alerts' },
      cause: 'It has been detached for 1.0 h: 1,234 rows of 10 batches are kept, of 50,000 at most.',
      mend: expect.stringContaining('sluice outputs attach alerts --pipeline test'),
    },
  ]);
  expect([35_001, 15_001].map((next) => found({ head: of(next) })[0]!.severity)).toEqual(['warning', 'critical']);
});

describe('a redrive', () => {
  const made = { request: 'r', generation: 1, count: 3_000, late: 'count', madeAt: noon - hours(1) } as const;
  const place = { source: 'main', shardId: 'a', sequenceNumber: '49', subSequenceNumber: 2 };
  const soFar = { letters: 990, dead: 40, missing: 8, unreadable: 0, deadly: [] };
  const at = (next: number, more: object = {}) => ({
    reports: [batchReport({ redrive: { request: 'r', next, soFar: { ...soFar, ...more } } })],
  });
  const cause =
    '1,000 of 3,000 dead letters are redriven since 2026-03-01T11:00:00.000Z (950 counted, 40 dead again, 8 gone';

  it('is told while it goes on, with what has become of its letters, and how it is called off', () => {
    expect(found({ head: headOf({ redrive: made }), ...at(1_000) })).toEqual([
      {
        ...{ kind: 'redrive', severity: 'info', subject: 'pipeline', cause: `${cause}).` },
        mend: expect.stringContaining('`sluice dead-letters redrive --cancel --pipeline test` calls it off'),
      },
    ]);
    expect(found({ head: headOf({ redrive: made }) })[0]!.cause).toContain('0 of 3,000 dead letters');
    expect(found({ head: headOf({ redrive: made }), ...at(3_000) })).toEqual([]);
  });

  it('is a warning while executors die of its letters, with when the last one did', () => {
    const known = { request: 'r', before: 1_125, most: 16, deaths: 2, diedAt: noon - 90_000 };
    const suspicions = { shards: [], letters: [], through: 7, redrive: known };
    expect(found({ head: headOf({ redrive: made, suspicions }), ...at(1_000) })).toMatchObject([
      { severity: 'warning', cause: `${cause}); 2 executors died of letters, the last one 2 min ago.` },
    ]);
    const ofAnother = { ...suspicions, redrive: { ...known, request: 'other' } };
    expect(short({ head: headOf({ redrive: made, suspicions: ofAnother }), ...at(1_000) })[0]![1]).toBe('info');
  });

  it('that executors died of names what was passed over, for a day', () => {
    const deadly = at(3_000, { deadly: [place] });
    expect(found({ head: headOf({ redrive: made }), ...deadly })).toMatchObject([
      {
        severity: 'warning',
        cause: expect.stringContaining('The last redrive is done: 3,000 of 3,000 dead letters were taken'),
        mend: expect.stringContaining('dead-letters show main/a/49/2 --pipeline test'),
      },
    ]);
    const givenUp = at(1_000, { deadly: Array.from({ length: 10 }, () => place) });
    expect(found({ head: headOf({ redrive: made }), ...givenUp })[0]!.cause).toContain('was given up');
    expect(found({ head: headOf({ redrive: { ...made, madeAt: noon - hours(25) } }), ...deadly })).toEqual([]);
  });
});

it('tells of tasks that fail as a whole, batch after batch', () => {
  const failing = { given: { failedTasks: 2 } };
  expect(short({ reports: batchesOf(failing, failing) })).toEqual([['failed-tasks', 'warning', 'pipeline']]);
  expect(short({ reports: batchesOf(failing, failing, failing) })).toEqual([['failed-tasks', 'critical', 'pipeline']]);
  expect(found({ reports: batchesOf(failing, {}) })).toEqual([]);
});
