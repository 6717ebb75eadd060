/** What each check of `sluice doctor` makes of what AWS says, which no embedded server knows. */
import type { KeySchemaElement, TableDescription } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { ofAccess, ofVersioning } from '../../cli/doctor/bucket.ts';
import { asked, ok } from '../../cli/doctor/check.ts';
import { ofClocks } from '../../cli/doctor/clock.ts';
import { ofConsumers } from '../../cli/doctor/consumer.ts';
import { ofFingerprint, ofParallelism } from '../../cli/doctor/definition.ts';
import { checks } from '../../cli/doctor/index.ts';
import { ofShards } from '../../cli/doctor/quotas.ts';
import { ofSource, ofStatus } from '../../cli/doctor/streams.ts';
import { ofBackups, ofTable, ofTimeToLive } from '../../cli/doctor/table.ts';
import { ofNode } from '../../cli/doctor/versions.ts';
import { hours, noon } from '../support/builders.ts';
import { windowed } from '../support/pipelines.ts';

const statusOf = ({ status }: { readonly status: string }) => status;

it('has checks with names of their own, each with what it looks at and what it needs', () => {
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  for (const { looks, permissions } of checks) {
    expect(looks).toMatch(/^(with \S+.*, )?(whether|at|how) /);
    expect(permissions.every((permission) => /^(dynamodb|kinesis|s3):[A-Z]\w+$/.test(permission))).toBe(true);
  }
});

it('says what may not be asked, and goes on', async () => {
  const fails = (name: string) =>
    asked('t', 'dynamodb:DescribeTable', async () => Promise.reject(Object.assign(new Error('no'), { name })), {
      Gone: ok('t', 'gone'),
    });
  expect(await fails('AccessDeniedException')).toMatchObject({
    checked: { status: 'unknown', mend: 'Allow yourself dynamodb:DescribeTable.' },
  });
  expect(await fails('UnknownOperationException')).toMatchObject({ checked: { status: 'unknown' } });
  expect(await fails('Gone')).toEqual({ checked: ok('t', 'gone') });
});

describe('the table', () => {
  const keys: KeySchemaElement[] = [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];
  const text = keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' as const }));

  it('is active and has the keys', () => {
    const given: TableDescription = { TableStatus: 'ACTIVE', KeySchema: keys, AttributeDefinitions: text };
    expect(ofTable('t', given).map(statusOf)).toEqual(['ok', 'ok', 'ok']);
    expect(ofTable('t', { ...given, TableStatus: 'CREATING' })[0]).toMatchObject({ status: 'failed' });
    expect(ofTable('t', { ...given, KeySchema: keys.slice(0, 1) })[1]).toMatchObject({
      ...{ status: 'failed', says: expect.stringContaining('its keys are pk HASH, and not') },
    });
  });

  it('deletes what has expired, and can be restored', () => {
    expect(ofTimeToLive('t', { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' }).status).toBe('ok');
    expect(ofTimeToLive('t', { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' })).toMatchObject({
      ...{ status: 'warning', says: 'TTL is on ttl, and not on expires' },
    });
    expect(ofTimeToLive('t', undefined).mend).toContain('--table-name t ');
    const on = { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' } } as const;
    expect(ofBackups('t', { ContinuousBackupsStatus: 'ENABLED', ...on }).status).toBe('ok');
    expect(ofBackups('t', undefined)).toMatchObject({ status: 'warning', mend: expect.stringContaining('t ') });
  });
});

describe('the streams', () => {
  const stream = { arn: 'arn', name: 's', createdAt: noon + 250, retentionMs: hours(48) };
  const summary = {
    ...{ StreamName: 's', StreamARN: 'arn', StreamStatus: 'ACTIVE', RetentionPeriodHours: 48, OpenShardCount: 1 },
    ...{ StreamCreationTimestamp: new Date(noon), EnhancedMonitoring: [] },
  } as const;
  const of = (given: object) => ofSource(stream, { ...summary, ...given } as never);

  it('are active, the same as ever, and keep records for long enough', () => {
    expect(of({}).map(statusOf)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(of({ StreamCreationTimestamp: new Date(noon + 60_000) })[1]).toMatchObject({ status: 'failed' });
    expect(of({ RetentionPeriodHours: 24 })[2]).toMatchObject({
      ...{ status: 'warning', mend: expect.stringContaining('--retention-period-hours 48') },
    });
    expect(ofStatus({ ...summary, StreamStatus: 'DELETING', EnhancedMonitoring: [] }).status).toBe('failed');
  });

  it('have the consumer, or room for it', () => {
    const own = { ConsumerName: 'sluice-p', ConsumerStatus: 'ACTIVE' } as never;
    expect(ofConsumers('s', 'sluice-p', [own]).map(statusOf)).toEqual(['ok']);
    expect(ofConsumers('s', 'sluice-p', [])[0]).toMatchObject({ says: 'it is not registered at s' });
    const full = Array.from({ length: 20 }, (_, at) => ({ ConsumerName: `c${at}` }) as never);
    expect(ofConsumers('s', 'sluice-p', full)[0]!.says).toContain('20 consumers of 20');
  });

  it('leave room for more shards', () => {
    expect(ofShards(399, 500).status).toBe('ok');
    expect(ofShards(400, 500)).toMatchObject({
      status: 'warning',
      says: '400 of 500 are open: a stream may not be split',
    });
  });
});

it('looks whether the bucket keeps versions and is closed', () => {
  expect([ofVersioning('b', 'Enabled').status, ofVersioning('b', 'Suspended').status]).toEqual(['ok', 'warning']);
  const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
  expect(ofAccess('b', all).status).toBe('ok');
  expect(ofAccess('b', { ...all, IgnorePublicAcls: false }).status).toBe('warning');
});

it('compares the file with what is saved', () => {
  const pipeline = windowed({ parallelism: 2 });
  expect(ofFingerprint(pipeline, pipeline.fingerprint).status).toBe('ok');
  expect(ofFingerprint(pipeline, '{"v":1}')).toMatchObject({
    status: 'failed',
    says: expect.stringContaining('groupBy'),
  });
  const running = { hasState: true, isHeld: true };
  expect(ofParallelism(pipeline, 2, running).status).toBe('ok');
  expect(ofParallelism(pipeline, 4, { ...running, hasState: false }).status).toBe('ok');
  expect(ofParallelism(pipeline, 4, running)).toMatchObject({
    ...{ status: 'failed', mend: '`sluice stop`, then `sluice repartition --groups 2` before you deploy it.' },
  });
});

it('knows which Node is new enough', () => {
  const status = (node: string) => ofNode(node, '>=22.18').status;
  expect(['22.18.0', '22.19.1', '24.0.0'].map(status)).toEqual(['ok', 'ok', 'ok']);
  expect(['22.17.9', '20.19.0'].map(status)).toEqual(['failed', 'failed']);
});

it('tells clocks that go apart, within what a date of full seconds can say', () => {
  const of = (sentAt: number, date: number) => ofClocks({ sentAt, gotAt: sentAt + 100, date });
  expect(of(noon, noon - 900).status).toBe('ok');
  expect(of(noon, noon + 6_000)).toMatchObject({ status: 'warning', says: 'this machine is 6 s behind the service' });
  expect(of(noon, noon - 400_000)).toMatchObject({ status: 'failed', says: expect.stringContaining('ahead of') });
});
