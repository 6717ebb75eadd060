/** Sinks that are no streams: what counts as acknowledged, what comes again and when, and what a request may hold. */
import type { Profile } from '../run-seed.ts';
import type { PlantedFault } from './planted-faults.ts';

const delivery = 'functions/adapters/delivery.ts';
const firehose = 'functions/adapters/firehose/firehose-sink.ts';
const lambda = 'functions/adapters/lambda/lambda-sink.ts';
const failures = 'functions/adapters/lambda/batch-item-failures.ts';

const hasId = 'if (entry?.RecordId !== undefined && entry.ErrorCode === undefined) return undefined;';
const eachByItsAnswer = 'return records.map((_, at) => refusalIn(answer.RequestResponses?.[at]));';
const throttledThere =
  'if (isLimit(error)) return records.map(() => ({ code: (error as Error).name, isLimit: true }));';
const firstThoseLeft = 'open = [...left, ...open.slice(request.length)];';
const inTime = 'if (clock.now() + pause >= deadline) return late(service, open, records.length);';

type Given = Omit<PlantedFault, 'profile'>;
const inProfile =
  (profile: Profile) =>
  (fault: Given): PlantedFault => ({ ...fault, profile });

const ofFirehose: readonly Given[] = [
  {
    name: 'a-delivery-stream-whose-silence-acknowledges',
    edits: [{ file: firehose, from: hasId, to: 'if (entry?.ErrorCode === undefined) return undefined;' }],
  },
  {
    name: 'a-delivery-stream-that-is-trusted-by-its-count',
    edits: [
      {
        file: firehose,
        from: eachByItsAnswer,
        to: `if (answer.FailedPutCount === 0) return records.map(() => undefined);\n        ${eachByItsAnswer}`,
      },
    ],
  },
  {
    name: 'a-delivery-stream-whose-ids-count-beside-errors',
    edits: [{ file: firehose, from: hasId, to: 'if (entry?.RecordId !== undefined) return undefined;' }],
  },
  {
    name: 'a-delivery-stream-that-throttles-and-is-believed',
    edits: [{ file: firehose, from: throttledThere, to: 'if (isLimit(error)) return records.map(() => undefined);' }],
  },
  {
    name: 'a-delivery-that-sends-what-was-refused-last',
    edits: [{ file: delivery, from: firstThoseLeft, to: 'open = [...open.slice(request.length), ...left];' }],
  },
  {
    name: 'a-delivery-that-forgets-what-was-refused',
    edits: [{ file: delivery, from: firstThoseLeft, to: 'open = open.slice(request.length);' }],
  },
  {
    name: 'a-delivery-that-is-done-when-time-is-over',
    edits: [{ file: delivery, from: inTime, to: 'if (clock.now() + pause >= deadline) return undefined;' }],
  },
  {
    name: 'a-delivery-that-believes-a-request-without-an-answer',
    edits: [
      {
        file: delivery,
        from: 'return undelivered(open, error as SluiceError, false);',
        to: 'return request.length === open.length ? undefined : undelivered(open.slice(request.length), error as SluiceError, false);',
      },
    ],
  },
];

const ofFunctions: readonly Given[] = [
  {
    name: 'a-function-that-throws-and-has-taken-all',
    edits: [
      { file: lambda, from: 'if (FunctionError !== undefined) return', to: "if (FunctionError === 'Handled') return" },
    ],
  },
  {
    name: 'a-function-whose-key-goes-on-behind-a-failure',
    edits: [{ file: lambda, from: 'return keys.has(partitionKey) ?', to: 'return failed.has(at) ?' }],
  },
  {
    name: 'a-function-whose-unreadable-answer-acknowledges',
    edits: [{ file: lambda, from: "answer === undefined ? 'all' :", to: 'answer === undefined ? new Set<number>() :' }],
  },
  {
    name: 'a-function-that-is-throttled-and-believed',
    edits: [
      {
        file: lambda,
        from: 'if (isThrottling(error)) return records.map(() => ({ code: (error as Error).name, isLimit: true }));',
        to: 'if (isThrottling(error)) return records.map(() => undefined);',
      },
    ],
  },
  {
    name: 'a-function-whose-failures-are-read-backwards',
    edits: [
      {
        file: failures,
        from: 'return isPlace && Number(identifier) < length ? Number(identifier) : undefined;',
        to: 'return isPlace && Number(identifier) < length ? length - 1 - Number(identifier) : undefined;',
      },
    ],
  },
  {
    name: 'a-function-that-is-given-more-than-its-batch',
    edits: [{ file: lambda, from: 'maxRecords: batchSize,', to: 'maxRecords: batchSize + 1,' }],
  },
  {
    name: 'a-function-that-is-called-without-the-keys',
    edits: [
      {
        file: 'functions/sinks/lambda.ts',
        from: '"key":${JSON.stringify(partitionKey)},',
        to: '"key":${JSON.stringify(partitionKey.slice(0, 3))},',
      },
    ],
  },
  {
    name: 'a-function-that-names-strangers-and-is-believed',
    edits: [
      {
        file: failures,
        from: "return places.includes(undefined) ? 'all' :",
        to: 'return places.includes(undefined) ? new Set() :',
      },
    ],
  },
];

export const deliveredFaults: readonly PlantedFault[] = [
  ...ofFirehose.map(inProfile('firehose')),
  ...ofFunctions.map(inProfile('lambda')),
];
