/** What could not be processed, by reason. What ended a function is a poison record. */
import type { DeadLetterReason } from '../core/dead-letter.ts';
import { mergeTallies, type ReasonCount } from '../core/dead-letter-tally.ts';
import { type Severity, wholePipeline } from './finding.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { count, reportsOfToday, share } from './recent.ts';

const manyShare = 0.5;
const someShare = 0.01;
/** One of two says little. */
const fewEvents = 10;

export const deadLetters: FindingKind = {
  kind: 'dead-letters',
  severities: ['info', 'warning', 'critical'],
  when: 'Events or rows of the last batches became dead letters: from 1 % on it is a warning, from 50 % on critical.',
  mend: '`sluice dead-letters list --reason …` shows them; each reason has its mend. Then `sluice dead-letters redrive --reason …`; rows that were refused go by a rewind, or by hand.',
  find(facts) {
    const reports = reportsOfToday(facts);
    const { pipeline } = facts.head;
    const read = reports.reduce((sum, { counters }) => sum + counters.read, 0);
    const results = reports.reduce((sum, { rows }) => sum + (rows?.results ?? 0), 0);
    const ofEvents = mergeTallies(reports.map((report) => report.deadLetters ?? []));
    const ofRows = mergeTallies(reports.map((report) => report.refusedRows ?? []));
    return [
      ...ofEvents.flatMap((each) => ofReason(each, { pipeline, whole: read, what: 'events' })),
      ...ofRows.flatMap((each) => ofReason(each, { pipeline, whole: results, what: 'results' })),
    ];
  },
};

type Whole = { readonly pipeline: string; readonly whole: number; readonly what: 'events' | 'results' };

/** As `redrive` has it: rows are of a result that is decided, and of a corrupt record no code makes events. */
function again(reason: DeadLetterReason, { pipeline, what }: Pick<Whole, 'pipeline' | 'what'>): string {
  if (what === 'results') return 'afterwards rewind, or write the rows by hand';
  if (reason === 'corrupt-aggregated-record') return 'their events have to be sent again';
  return `afterwards \`sluice dead-letters redrive --pipeline ${pipeline} --reason ${reason}\` has them read again`;
}

function ofReason(
  { reason, count: letters, example }: ReasonCount,
  { pipeline, whole, what }: Whole,
): readonly Found[] {
  const mend = mends[reason];
  if (mend === undefined) return [];
  const { shardId, sequenceNumber, subSequenceNumber, message } = example;
  const place = `such as ${sequenceNumber}/${subSequenceNumber} of ${shardId}${message === undefined ? '' : `: ${message}`}`;
  return [
    {
      severity: severityOf(letters, whole),
      subject: wholePipeline,
      cause: `${count(letters)} of ${count(whole)} ${what} (${share(letters, whole)}) became dead letters, ${reason}, ${place}`,
      mend: `${mend} \`sluice dead-letters list --pipeline ${pipeline} --reason ${reason}\` shows them; ${again(reason, { pipeline, what })}.`,
    },
  ];
}

function severityOf(letters: number, whole: number): Severity {
  if (whole >= fewEvents && letters >= whole * manyShare) return 'critical';
  return letters >= whole * someShare ? 'warning' : 'info';
}

/** Undefined: not this kind's. */
const mends: Readonly<Record<DeadLetterReason, string | undefined>> = {
  'invalid-compression': "Correct `compression` of the source, or use 'auto'.",
  'payload-too-large': 'Raise `maxDecompressedBytes` of the source.',
  'empty-record': 'Look at the producer: it sends records without a byte.',
  'invalid-utf8': 'Look at the producer, or at `compression` of the source: the bytes are no text.',
  'invalid-json': 'Look at the producer, or at `compression` of the source: the text is no JSON.',
  undecodable: 'Look at the producer, or at what `decode` was given.',
  'unknown-schema': 'Add the schema version that the header names to `versions` of `decode`.',
  'schema-mismatch': 'Correct the producer, or the schema in `decode`, and deploy it.',
  'invalid-event-time': 'Correct the producer, or what `withWatermark` takes for the event time.',
  'event-time-in-future': "Look at the producer's clock, or raise `maxFutureTime`.",
  'invalid-key': 'Have `groupBy` return a text, a boolean, null or a finite number.',
  'invalid-aggregate-value': 'Have the aggregate given what it takes, null or undefined.',
  'callback-failed': 'Mend the callback that the message names, and deploy it.',
  'corrupt-aggregated-record': 'Look at the producer: it sends aggregated records that can not be read.',
  'invalid-result': 'Have `map` or the aggregate return what the sink takes, and deploy it.',
  'too-many-elements': 'Raise `maxElements` of `flatMap`, or send smaller events.',
  'output-too-large': "Raise the limit of the sink's stream, or make rows smaller.",
  'crashed-reducer': undefined,
  'crashed-executor': undefined,
};
