/** Outputs behind the first: what `writeStream` takes then, and what is refused. */
import { describe, expect, it } from 'vitest';
import { bytes, console, count, file, kinesis, perMicroBatch, pipeline } from '../../functions/index.ts';
import { checkPipeline, type PipelineOverrides, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { openOutline, outlineOf } from '../../functions/pipeline/outline.ts';
import { kinesisSinkOf } from '../../functions/sinks/kinesis.ts';

/** What a program without types could write. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to get past the compiler
type Untyped = any;

const events = () =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes());
const rows = () => events().groupBy({}).window(perMicroBatch()).aggregate({ events: count() });
const out = kinesis({ streamName: 'out' });
const copy = kinesis({ streamName: 'copy' });
const one = (): Untyped => events().writeStream(out);
const messages = (definition: unknown, overrides?: PipelineOverrides) => {
  const checked = checkPipeline(definition, overrides);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
const streamsOf = (definition: unknown, overrides?: PipelineOverrides) =>
  requirePipeline(definition, overrides).outputs.map(({ id, sink }) => {
    const stream = kinesisSinkOf(sink)?.stream;
    return [id, stream?.kind === 'name' ? stream.streamName : stream?.streamArn];
  });

describe('a further output', () => {
  it('has its name as its id, and its own filter and map', () => {
    const filter = (): boolean => true;
    const map = (row: { readonly events: number }) => row.events;
    const written = rows()
      .writeStream(out)
      .writeStream(copy, { name: 'copy', filter, map })
      .writeStream(console(), { name: 'shown' });
    expect(requirePipeline(written).outputs).toMatchObject([
      { id: 'main', from: 'results', sink: { kind: { kind: 'kinesis' } } },
      { id: 'copy', from: 'results', filter, map },
      { id: 'shown', sink: { kind: { kind: 'console' } } },
    ]);
    expect(Object.keys(requirePipeline(written).outputs[2]!)).not.toContain('map');
  });

  it('leaves the chain before it as it was', () => {
    const first = events().writeStream(out);
    const second = first.writeStream(copy, { name: 'copy' });
    expect(
      [first, second, second.writeStream(console(), { name: 'shown' })].map(({ outputs }) => outputs.length),
    ).toEqual([1, 2, 3]);
    expect(Object.isFrozen(second.outputs) && Object.isFrozen(second.outputs[1])).toBe(true);
    expect(second.trigger({ every: '1 minute' }).outputs).toBe(second.outputs);
  });

  it('is not part of what saved state depends on', () => {
    const first = rows().writeStream(out);
    expect(requirePipeline(first.writeStream(copy, { name: 'copy' })).fingerprint).toBe(
      requirePipeline(first).fingerprint,
    );
  });

  it('writes bytes as they came in, unless it has a map: then records have an identity', () => {
    const written = one()
      .writeStream(copy, { name: 'raw' })
      .writeStream(kinesis({ streamName: 'sizes' }), {
        name: 'sizes',
        map: (event: Uint8Array) => ({ size: event.length }),
      });
    expect(requirePipeline(written).outputs.map(({ sink }) => kinesisSinkOf(sink)?.identity)).toEqual([
      'none',
      'none',
      'field',
    ]);
  });

  it.each<[string, Untyped, readonly string[]]>([
    [
      'without a name',
      undefined,
      ['outputs[1].name: nothing is given; use a name of 1 to 32 letters, digits or -, that begins with a letter'],
    ],
    ...['', '1st', 'a b', 'a_b', 'x'.repeat(33), 'constructor', 7].map((name): [string, Untyped, readonly string[]] => [
      `named ${name}`,
      { name },
      [
        `outputs[1].name: ${typeof name === 'string' ? `'${name}'` : name} is not allowed; use a name of 1 to 32 letters, digits or -, that begins with a letter`,
      ],
    ]),
    [
      'named as the first',
      { name: 'main' },
      ["outputs[1].name: 'main' is not allowed; use a name that no other output has: the first one is main"],
    ],
    [
      'with an async map',
      { name: 'copy', map: async () => 1 },
      [
        'outputs.copy.map: an async function is not allowed; use a function that returns its result at once (not async)',
      ],
    ],
    [
      'with a filter that is none',
      { name: 'copy', filter: true },
      ['outputs.copy.filter: true is not allowed; use a function that returns its result at once (not async)'],
    ],
    [
      'with an option of another step',
      { name: 'copy', every: '1 minute' },
      ['outputs.copy.every: there is no such option; use one of name, filter, map, flatMap, maxElements'],
    ],
  ])('%s is refused', (_, options, expected) => {
    expect(messages(one().writeStream(copy, options))).toEqual(expected);
  });

  it('with the name of another further one is refused', () => {
    const written = one().writeStream(copy, { name: 'copy' }).writeStream(console(), { name: 'copy' });
    expect(messages(written)).toEqual([
      "outputs[2].name: 'copy' is not allowed; use a name that no other output has: the first one is main",
    ]);
  });

  it('is refused with the path of its own options', () => {
    expect(messages(one().writeStream(kinesis({ streamName: '' }), { name: 'copy' }))).toEqual([
      expect.stringMatching(/^outputs\.copy\.streamName: /),
    ]);
    expect(messages(one().writeStream('copy', { name: 'copy' }))).toEqual([
      expect.stringMatching(/^outputs\.copy: 'copy' is not allowed/),
    ]);
    expect(messages(one().writeStream(kinesis({ streamName: 'in' }), { name: 'copy' }))).toEqual([
      expect.stringMatching(/^outputs\.copy.*in/),
    ]);
  });

  it.each<[string, Untyped, Untyped, readonly string[]]>([
    [
      'a stream',
      out,
      { filter: () => true },
      ["outputs.copy: 'out' is not allowed; use another place, or a map: main writes the same there"],
    ],
    ['a stream, with a map', out, { map: () => 1 }, []],
  ])('that writes the same to one place is refused: %s', (_, sink, own, expected) => {
    expect(messages(one().writeStream(sink, { name: 'copy', ...own }))).toEqual(expected);
  });

  it('of files, the same one is refused, and another is not', () => {
    const written = (path: string) => rows().writeStream(file('a')).writeStream(file(path), { name: 'copy' });
    expect(messages(written('b'))).toEqual([]);
    expect(messages(written('a'))).toEqual([
      expect.stringMatching(/^outputs\.copy: 'file a' is not allowed; use another place/),
    ]);
  });

  it('is one of ten at most', () => {
    let written = one();
    for (let at = 0; at < 9; at++)
      written = written.writeStream(kinesis({ streamName: `copy-${at}` }), { name: `o${at}` });
    expect(messages(written)).toEqual([]);
    expect(messages(written.writeStream(kinesis({ streamName: 'more' }), { name: 'more' }))).toEqual([
      'writeStream: 11 is not allowed; use it 10 times at most',
    ]);
  });
});

it('the first output has no options: it takes all that comes', () => {
  expect(messages((events() as Untyped).writeStream(out, { name: 'first' }))).toEqual([
    'writeStream: an object is not allowed; use a sink alone for the first output, which is main',
  ]);
});

describe('from outside', () => {
  const written = events().writeStream(out).writeStream(copy, { name: 'copy' });
  const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/elsewhere';

  it('a further output is told its stream and role by its name, and the first as ever', () => {
    expect(streamsOf(written, { sink: 'first', sinks: { copy: arn } })).toEqual([
      ['main', 'first'],
      ['copy', arn],
    ]);
    const role = 'arn:aws:iam::123456789012:role/writer';
    const { outputs } = requirePipeline(written, { sinkRoles: { copy: role } });
    expect(outputs.map(({ sink }) => kinesisSinkOf(sink)?.role?.arn)).toEqual([undefined, role]);
  });

  it('an output that there is not is refused', () => {
    expect(messages(written, { sinks: { copi: arn } })).toEqual([
      "override of sinks: 'copi' is not allowed; use one of copy",
    ]);
    expect(messages(events().writeStream(out), { sinkRoles: { copy: 'none' } })).toEqual([
      "override of sinkRoles: 'copy' is not allowed; use no name: there is no further output",
    ]);
  });

  it('two that are made one place are refused', () => {
    expect(messages(written, { sink: 'copy' })).toEqual([
      expect.stringMatching(/^outputs\.copy: 'copy' is not allowed/),
    ]);
  });

  it('steps without the file refuse one that is what is read', () => {
    const bundled = outlineOf(written, requirePipeline(written));
    expect(() => openOutline(bundled, { source: arn, sinks: { copy: arn } })).toThrow(/outputs\.copy/);
    expect(openOutline(bundled, { source: arn }).outputs).toEqual([
      { id: 'main', from: 'events', sent: 'while-reading' },
      { id: 'copy', from: 'events', sent: 'while-reading' },
    ]);
  });
});
