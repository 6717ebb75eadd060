/** What compiles of a function that is called with rows, and what does not. Never run: `tsc` is the test. */
import {
  type BatchEvent,
  type BatchRow,
  count,
  type DeadLetterRecord,
  forEachBatch,
  json,
  kinesis,
  type LateEvent,
  perMicroBatch,
  pipeline,
  tumbling,
} from 'kinesis-sluice';
import * as z from 'zod';

const events = pipeline('flights')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ origin: z.string(), at: z.string() })));
const rows = events
  .groupBy({ origin: ({ origin }) => origin })
  .window(perMicroBatch())
  .aggregate({ flights: count() });

declare function same<Expected>(
  value: Expected,
): <Actual extends Expected>(actual: Actual) => Expected extends Actual ? void : never;

export function theRowsAreThoseOfTheChain() {
  rows.writeStream(
    forEachBatch(async (given, { id, part, signal }) => {
      same<[string, number, boolean]>([id, part, signal.aborted])([id, part, signal.aborted]);
      for (const row of given) {
        if (row.retracted) {
          const { origin } = row.value;
          // @ts-expect-error nobody knows what a row that was taken back has, but for its keys
          origin.length;
          continue;
        }
        const { origin, flights } = row.value;
        same(origin.length)(flights);
        // @ts-expect-error there is no such column
        row.value.delay;
      }
    }),
  );
}

export function aRowThatMayBeTakenBackIsLookedAt() {
  rows.writeStream(
    forEachBatch((given) => {
      // @ts-expect-error it may have no flights
      for (const row of given) row.value.flights.toFixed();
    }),
  );
}

export function whatHasBeenJsonIsSeenAsThat() {
  rows
    .map(({ origin }) => ({ origin, at: new Date(0) }))
    .writeStream(
      forEachBatch((given) => {
        for (const row of given) if (!row.retracted) row.value.at.slice(0, 10);
      }),
    );
}

export function aFunctionForOtherRowsDoesNotFit() {
  const save = (_: readonly BatchRow<{ delay: number }>[]) => {};
  // @ts-expect-error these have no delay
  rows.writeStream(forEachBatch(save));
  rows.map(() => ({ delay: 1 })).writeStream(forEachBatch(save));
  // @ts-expect-error it is a number
  rows.writeStream(forEachBatch(() => {}, { maxRows: '5' }));
  // @ts-expect-error rows are not to be changed
  rows.writeStream(forEachBatch((given) => given.pop()));
}

export function eventsHaveTheirPlaceAndAreNeverTakenBack() {
  events
    .map(({ origin }) => ({ origin, at: new Date(0) }))
    .writeStream(
      forEachBatch((given) => {
        for (const event of given) {
          const { value, shardId, sequenceNumber, subSequenceNumber, element } = event;
          same([value.origin, value.at, shardId, sequenceNumber])(['']);
          same(subSequenceNumber)(element);
          // @ts-expect-error it is no result
          event.window;
        }
      }),
    );
}

export function whatAnOutputMakesOfEventsIsWhatItsFunctionIsGiven() {
  const save = (_: readonly BatchEvent<{ length: number }>[]) => {};
  const written = events.writeStream(kinesis({ streamName: 'out' }));
  written.writeStream(forEachBatch(save), { name: 'lengths', map: ({ origin }) => ({ length: origin.length }) });
  // @ts-expect-error the length is a text there
  written.writeStream(forEachBatch(save), { name: 'texts', map: ({ origin }) => ({ length: origin }) });
}

export function aFunctionForRowsIsNoneForEvents() {
  const saveRows = (_: readonly BatchRow<{ origin: string }>[]) => {};
  const saveEvents = (_: readonly BatchEvent<{ origin: string }>[]) => {};
  rows.writeStream(forEachBatch(saveRows));
  events.writeStream(forEachBatch(saveEvents));
  // @ts-expect-error events are no results
  events.writeStream(forEachBatch(saveRows));
  // @ts-expect-error results are no events
  rows.writeStream(forEachBatch(saveEvents));
  rows
    .writeStream(kinesis({ streamName: 'out' }))
    .writeStream(forEachBatch(saveRows), { name: 'saved' })
    // @ts-expect-error results are no events
    .writeStream(forEachBatch(saveEvents), { name: 'again' });
}

export function lateEventsAndLettersAreEventsOfTheirOwn() {
  const windowed = events
    .withWatermark(({ at }) => at, { delay: '1 minute' })
    .groupBy({ origin: ({ origin }) => origin })
    .window(tumbling('1 hour'));
  windowed.sideOutputLate(
    forEachBatch((given) => {
      for (const { value, shardId, element } of given)
        same([value.lateByMs, element])([value.lateByMs, shardId.length]);
    }),
  );
  const written = rows.writeStream(kinesis({ streamName: 'out' }));
  written.deadLettersTo(
    forEachBatch((given) => {
      for (const { value, sequenceNumber } of given) same([value.reason, value.message])([sequenceNumber]);
    }),
  );
  const saveLetters = (_: readonly BatchEvent<DeadLetterRecord>[]) => {};
  const saveLate = (_: readonly BatchEvent<LateEvent>[]) => {};
  written.deadLettersTo(forEachBatch(saveLetters));
  windowed.sideOutputLate(forEachBatch(saveLate));
  // @ts-expect-error a letter is no late event
  written.deadLettersTo(forEachBatch(saveLate));
  // @ts-expect-error a late event is no letter
  windowed.sideOutputLate(forEachBatch(saveLetters));
  // @ts-expect-error a letter is no row
  written.deadLettersTo(forEachBatch((_: readonly BatchRow<{ origin: string }>[]) => {}));
}
