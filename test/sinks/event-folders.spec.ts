/** FOLDER-1, FOLDER-2 of events: in which folder of files each lies, by its fields and its time. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decompress } from '../../functions/adapters/decompress.ts';
import { createJudge } from '../../functions/core/judge-event.ts';
import { bytes, json, kinesis, type PipelineDefinition, pipeline, s3 } from '../../functions/index.ts';
import { checkPipeline, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { plannedTask } from '../support/builders.ts';

const fields = { at: z.string().optional(), land: z.any().optional() };
const Event = z.object({ ...fields, stops: z.array(z.object(fields)).optional() });
const source = () => pipeline('flights').readStream(kinesis({ streamName: 'in' }));
const events = () => source().decode(json(Event));
const timed = () => events().withWatermark(({ at }) => at ?? '2026-11-28T00:00:00Z', { delay: '1 second' });
const to = (partitionBy: string) => s3({ bucket: 'flights', partitionBy });
const meta = {
  ...{ streamName: 'in', shardId: 'shardId-0', partitionKey: 'p', explicitHashKey: undefined },
  ...{ sequenceNumber: '7', subSequenceNumber: 0, arrivalTime: new Date('2026-11-28T14:59:59Z') },
};

/** The folder of each record that the event becomes, and what the file has of it. */
function written(definition: PipelineDefinition, event: unknown) {
  const judge = createJudge(requirePipeline(definition), plannedTask([]), decompress);
  const { records, missed } = judge(Buffer.from(JSON.stringify(event)), meta, 'start');
  const folders = records.map(({ record }) => record.partitionKey.split(' ').slice(2).join(' '));
  return { folders, rows: records.map(({ record }) => record.data), missed };
}
const folders = (definition: PipelineDefinition, event: unknown) => written(definition, event).folders;
const messages = (definition: PipelineDefinition) => {
  const checked = checkPipeline(definition);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};

describe('an event lies', () => {
  it('in the day and hour of its own time, in UTC', () => {
    const definition = timed().writeStream(to('dt={event.day}/hour={event.hour}'));
    expect(folders(definition, { at: '2026-11-28T01:30:00+02:00' })).toEqual(['dt=2026-11-27/hour=23']);
  });

  it('by its fields, whose values are encoded as those of a key are', () => {
    const definition = events().writeStream(to('land={land}'));
    const folderOf = (land: unknown) => folders(definition, { land })[0];
    expect(['a/../b=', 7, true, 'é'].map(folderOf)).toEqual([
      'land=a%2F..%2Fb%3D',
      'land=7',
      'land=true',
      'land=%C3%A9',
    ]);
    for (const nothing of [null, undefined, '']) expect(folderOf(nothing)).toBe('land=__HIVE_DEFAULT_PARTITION__');
  });

  it('by what map makes of it, and by the time that it had before', () => {
    const definition = timed()
      .map(({ land }) => ({ to: land, when: new Date('2026-01-01T00:00:00Z') }))
      .writeStream(to('dt={event.day}/to={to}/when={when}'));
    expect(folders(definition, { at: '2026-11-28T12:00:00Z', land: 'DE' })).toEqual([
      'dt=2026-11-28/to=DE/when=2026-01-01T00%3A00%3A00.000Z',
    ]);
    const ofOutput = timed()
      .writeStream(s3({ bucket: 'all' }))
      .writeStream(to('dt={event.day}/to={to}'), { name: 'mapped', map: ({ land }) => ({ to: land }) });
    expect(folders(ofOutput, { at: '2026-11-28T12:00:00Z', land: 'DE' })).toEqual(['', 'dt=2026-11-28/to=DE']);
  });

  it('each element of it by itself', () => {
    const elements = events().flatMap(({ stops = [] }) => stops);
    const stops = [
      { at: '2026-11-27T12:00:00Z', land: 'DE' },
      { at: '2026-11-28T12:00:00Z', land: 'FR' },
    ];
    const definition = elements
      .withWatermark(({ at }) => at!, { delay: '1 second' })
      .writeStream(to('dt={event.day}/land={land}'));
    expect(folders(definition, { stops })).toEqual(['dt=2026-11-27/land=DE', 'dt=2026-11-28/land=FR']);
  });

  it('as it came: bytes that pass through stay, and lie by the JSON that they are', () => {
    const [decoded, plain] = [events(), source().decode(bytes())].map((one) =>
      written(one.writeStream(to('land={land}')), { land: 'DE', n: 1 }),
    );
    for (const { folders: lies, rows } of [decoded!, plain!]) {
      expect(lies).toEqual(['land=DE']);
      expect(rows).toEqual(['{"land":"DE","n":1}']);
    }
    expect(folders(source().decode(bytes()).writeStream(to('land={land}')), [1])).toEqual([
      'land=__HIVE_DEFAULT_PARTITION__',
    ]);
  });

  it('nowhere by what is an object: that is a dead letter, which says the field', () => {
    const { missed, folders: none } = written(events().writeStream(to('land={land}')), { land: { code: 'DE' } });
    expect(none).toEqual([]);
    expect(missed).toMatchObject([
      {
        kind: 'refused',
        output: 'main',
        reason: 'invalid-result',
        message: expect.stringMatching(/^.*field land: a folder is of a text/),
      },
    ]);
  });
});

describe('folders of events', () => {
  it('have times where events have some, and no others than those that they know', () => {
    expect(messages(events().writeStream(to('dt={event.day}')))).toEqual([
      expect.stringMatching(/^sink\.partitionBy: .* use fields of the event, or days and hours behind withWatermark/),
    ]);
    for (const name of ['window.day', 'event.month'])
      expect(messages(timed().writeStream(to(`a={${name}}`)))).toEqual([
        expect.stringContaining(`which are {field}, {event.day}, {event.hour}: not {${name}}`),
      ]);
  });

  it('are asked of events that pass once, too', () => {
    const once = timed().dropDuplicates({ id: ({ land }) => String(land) }, { within: '1 hour' });
    expect(messages(once.writeStream(to('dt={event.day}/land={land}/id={id}')))).toEqual([]);
  });

  it('are not for dead letters', () => {
    const sides = events()
      .writeStream(to('land={land}'))
      .deadLettersTo(s3({ bucket: 'flights', prefix: 'letters', partitionBy: 'land={land}' }));
    expect(messages(sides)).toEqual([
      expect.stringMatching(/^deadLettersTo\.partitionBy: .* use it for results or events: what goes here is neither/),
    ]);
  });
});
