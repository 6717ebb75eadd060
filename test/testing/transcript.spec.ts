/** Transcripts: what they let pass, what they fail on, and what they refuse. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  bytes,
  count,
  json,
  kinesis,
  pipeline,
  SluiceError,
  type Transcript,
  type TranscriptOptions,
  transcript,
  tumbling,
} from '../../functions/index.ts';

const event = z.object({ at: z.number(), key: z.string() });
type Event = z.infer<typeof event>;
const at = (time: number, key = 'a'): Event => ({ at: time, key });
const source = kinesis({ streamName: 'source' });
const sink = kinesis({ streamName: 'sink' });
const grouped = pipeline('counts')
  .readStream(source)
  .decode(json(event))
  .withWatermark((each) => each.at, { delay: '5 milliseconds' })
  .groupBy({ key: (each) => each.key })
  .window(tumbling('10 milliseconds'))
  .aggregate({ events: count() });
const counts = grouped.writeStream(sink);
const begun = () => transcript(counts).add(at(1), at(2), at(3, 'b'));

/** Both name and text of what it throws. */
function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  }
  return 'nothing was thrown';
}

describe('a transcript passes', () => {
  const whole = begun()
    .expectWatermark(-2)
    .expectOpen({ key: 'a' }, { key: 'b', windowStart: '1970-01-01T00:00:00.000Z' })
    .advance(10)
    .expect({ key: 'b', events: 1 }, { key: 'a', events: 2, _sluice: { revision: 0, timing: 'on-time', final: true } })
    .cut()
    .expectOpen()
    .add(at(4), { at: 'x' } as never)
    .expectLate(at(4))
    .expectDead({ reason: 'schema-mismatch' })
    .addToShards({ 'shardId-000000000000': [at(11)] })
    .moveClock('1970-01-01T00:00:00Z')
    .close()
    .expect({ events: 1 });

  it('when all that comes is expected, in whatever order, by what is named of it', () => {
    expect(whole.run()).toHaveLength(6);
  });

  it.each<TranscriptOptions>([
    { cuts: 'everywhere' },
    { parallelism: 8 },
    { mergeOrder: 'reversed', parallelism: 3, cuts: 'everywhere' },
  ])('however it is run: %j', (options) => {
    expect(whole.run(options)).toEqual(expect.any(Array));
  });

  it('with rows that leave one another the row that fits them alone', () => {
    const rows = transcript(counts).add(at(1), at(2), at(3, 'b')).close();
    rows.expect({}, { key: 'a' }).run();
    rows.expect({ key: 'a' }, {}).run();
    expect(() => rows.expect({ key: 'a' }, { events: 2 }).run()).toThrow("- { events: 2 }\n  + { key: 'b'");
  });

  it('of events and of bytes, which are compared as what they are', () => {
    const doubled = pipeline('doubled')
      .readStream(source)
      .decode(json(z.number()))
      .map((value) => value * 2)
      .writeStream(sink);
    transcript(doubled).add(1, 2).expect(4, 2).run();
    expect(() => transcript(doubled).add(1).expect(3).run()).toThrow('- 3\n  + 2');
    const through = pipeline('through').readStream(source).decode(bytes()).writeStream(sink);
    transcript(through).add(Uint8Array.of(1, 2)).expect(Uint8Array.of(1, 2)).run();
    expect(() => transcript(through).add(Uint8Array.of(1, 2)).expect(Uint8Array.of(1)).run()).toThrow(
      '- 1 bytes\n  + 2 bytes',
    );
  });

  it('of rows that were mapped, by whatever names they have', () => {
    const mapped = grouped.map(({ key, events }) => ({ text: `${key}${events}` })).writeStream(sink);
    transcript(mapped).add(at(1)).close().expect({ text: 'a1' }).run();
  });

  it('from any of its steps: each leaves what it was written on as it is', () => {
    const start = transcript(counts).add(at(1));
    start.close().expect({ events: 1 }).run();
    start.add(at(2)).close().expect({ events: 2 }).run();
    expect(start.run()).toHaveLength(1);
  });
});

describe('a transcript fails', () => {
  it('when a row is another, and shows both', () => {
    const wrong = begun().advance(10).expect({ key: 'a', events: 2 }, { key: 'b', events: 7 });
    expect(failureOf(() => wrong.run())).toBe(
      [
        'TranscriptDiffers: counts: of step 2, advance to 1970-01-01T00:00:00.010Z, came not what step 3, expect, says (- expected, + came)',
        "  - { key: 'b', events: 7 }",
        "  + { key: 'b', windowStart: '1970-01-01T00:00:00.000Z', windowEnd: '1970-01-01T00:00:00.010Z', events: 1 }",
      ].join('\n'),
    );
  });

  it.each<[string, (begin: Transcript<Event, { key: string }>) => Transcript<Event, { key: string }>, string]>([
    [
      'rows come that no step expects',
      (t) => t.close().advance(8_640_000_000_000_000),
      'of step 2, close, came results that no step expects',
    ],
    ['they come with the last step', (t) => t.close(), "+ { key: 'a', windowStart"],
    [
      'they are expected too early',
      (t) => t.expect({ key: 'a' }),
      "of step 1, add, 3 events, came not what step 2, expect, says (- expected, + came)\n  - { key: 'a' }",
    ],
    ['one is missing', (t) => t.close().expect({ key: 'a' }), "  + { key: 'b'"],
    [
      'one is too many',
      (t) => t.close().expect({ key: 'a' }, { key: 'b' }, { key: 'a' }),
      "says (- expected, + came)\n  - { key: 'a' }",
    ],
    [
      'late events are expected by nobody',
      (t) => t.close().expect({}, {}).add(at(1)),
      'came late events that no step expects',
    ],
    [
      'a late event is another',
      (t) => t.close().expect({}, {}).add(at(1)).expectLate(at(2)),
      "- { at: 2, key: 'a' }\n  + { at: 1, key: 'a' }",
    ],
    [
      'a late event is given in part',
      (t) =>
        t
          .close()
          .expect({}, {})
          .add(at(1))
          .expectLate({ at: 1 } as never),
      "- { at: 1 }\n  + { at: 1, key: 'a' }",
    ],
    [
      'a column is another, beside an attribute that fits',
      (t) => t.close().expect({ events: 7, _sluice: { revision: 0 } } as never, {}),
      '- { events: 7, _sluice: { revision: 0 } }',
    ],
    ['dead letters are expected by nobody', (t) => t.add({} as never), 'came dead letters that no step expects'],
    [
      'a dead letter is of another reason',
      (t) => t.add({} as never).expectDead({ reason: 'invalid-key' }),
      "- { reason: 'invalid-key' }\n  + { event: {}, reason: 'schema-mismatch'",
    ],
    [
      'the watermark is another',
      (t) => t.expectWatermark(3),
      '- 1970-01-01T00:00:00.003Z\n  + 1969-12-31T23:59:59.998Z',
    ],
    ['other windows are open', (t) => t.expectOpen({ key: 'a' }), "+ { key: 'b', windowStart"],
    [
      'an attribute is another',
      (t) => t.close().expect({ _sluice: { revision: 1 } }, {}),
      '- { _sluice: { revision: 1 } }\n  + {',
    ],
  ])('when %s', (_, write, message) => {
    const failure = failureOf(() => write(begun()).run());
    expect(failure).toContain(message);
    expect(failure).toMatch(/^TranscriptDiffers: counts: of step \d, /);
  });

  it('by a message that stays readable', () => {
    const many = transcript(counts).add(...Array.from({ length: 100 }, (_, key) => at(1, `${key}`)));
    expect(failureOf(() => many.close().run())).toMatch(/\n {2}… and 70 more$/);
  });
});

describe('a transcript is refused', () => {
  const refusal = (write: () => unknown) => {
    const failure = failureOf(write);
    expect(failure).toMatch(/^InvalidInput: /);
    return failure;
  };

  it.each<[string, () => unknown, string]>([
    [
      'that expects before anything has happened',
      () => transcript(counts).expect(),
      'step 1, expect: nothing has happened before',
    ],
    [
      'that has only been cut',
      () => transcript(counts).cut().expectLate(),
      'step 2, expectLate: nothing has happened before',
    ],
    [
      'that expects twice of one step',
      () => begun().expect().expectLate().expect(),
      'step 4, expect: it was said of step 1 before',
    ],
    [
      'with a column that there is not',
      () => begun().expect({ evnts: 1 } as never),
      'there is no column evnts; use key, windowStart, windowEnd, events',
    ],
    [
      'with an attribute that there is not',
      () => begun().expect({ _sluice: { index: 1 } as never }),
      'there is no attribute of _sluice index; use window, key',
    ],
    [
      'with a column that no open window has',
      () => begun().expectOpen({ events: 1 }),
      'there is no column of an open window events',
    ],
    [
      'with an attribute that no letter has',
      () => begun().expectDead({ why: 'x' } as never),
      'there is no attribute why',
    ],
    ['with a time that is none', () => begun().advance('soon'), "step 2.watermark: 'soon' is no moment"],
    ['with another', () => begun().expectWatermark('soon'), "step 2, expectWatermark: 'soon' is no moment"],
    ['without a step', () => transcript(counts).run(), 'the transcript: has no step'],
    [
      'with a watermark that goes back',
      () => begun().advance(8).advance(7).run(),
      'watermark: 1970-01-01T00:00:00.007Z is before',
    ],
    [
      'with shards that there are not',
      () =>
        begun()
          .addToShards({ x: [] })
          .run({ shards: ['y'] }),
      'use shards that there are: y',
    ],
  ])('%s', (_, write, message) => {
    expect(refusal(write)).toContain(message);
  });

  it('where it is written, if its pipeline is wrong', () => {
    const wrong = pipeline('wrong')
      .readStream(kinesis({ streamName: '' }))
      .decode(bytes())
      .writeStream(sink);
    expect(() => transcript(wrong)).toThrow(SluiceError);
  });
});

describe('the state', () => {
  const row = (key: string, events: number) => ({ key: { key }, values: { events } });

  it('is expected whole, in any order, each row by some of its columns', () => {
    begun()
      .expectState(row('b', 1), { key: { key: 'a' } })
      .cut()
      .run();
    const failure = failureOf(() => begun().expectState(row('a', 2), row('b', 2)).run());
    expect(failure).toContain(
      'TranscriptDiffers: counts: of step 1, add, 3 events, came not what step 2, expectState, says',
    );
    expect(failure).toContain("- { key: { key: 'b' }, values: { events: 2 } }");
    expect(failureOf(() => begun().expectState(row('a', 2)).run())).toContain(
      "+ { kind: 'window', group: 0, key: { key: 'b' }",
    );
  });

  it('has no columns but its own', () => {
    expect(failureOf(() => begun().expectState({ windowStart: 1 } as never))).toBe(
      'InvalidInput: step 2: there is no column of the state windowStart; use kind, group, key, start, end, values, saved, given',
    );
  });
});
