/** The stream that is read, and those that rows are sent to: whether they are there, and the same as ever. */
import { DescribeStreamSummaryCommand, type StreamDescriptionSummary } from '@aws-sdk/client-kinesis';
import type { StreamIdentity } from '../../functions/core/source-state.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import type { StreamReference } from '../../functions/pipeline/stream.ts';
import { asked, type Check, type Checked, ok, type Patient } from './check.ts';

export const streams: Check = {
  name: 'streams',
  looks:
    'whether the source, and with the file the streams of the outputs, are there and active, and how long records are kept',
  permissions: ['kinesis:DescribeStreamSummary'],
  async run(patient) {
    const { stream } = patient.facts.head.sources[mainSource];
    const source = await describe(patient, { StreamARN: stream.arn }, stream.name);
    const outputs = await Promise.all(
      sinksOf(patient).map(async (given) => describe(patient, given, given.StreamName ?? given.StreamARN ?? '')),
    );
    return [
      ...('checked' in source ? [source.checked] : ofSource(stream, source.summary)),
      ...outputs.map((one) => ('checked' in one ? one.checked : ofStatus(one.summary))),
    ];
  },
};

type Target = { readonly StreamARN?: string; readonly StreamName?: string };

async function describe(
  { kinesis }: Patient,
  target: Target,
  subject: string,
): Promise<{ readonly summary: StreamDescriptionSummary } | { readonly checked: Checked }> {
  if (kinesis === undefined) return { checked: notAsked(subject) };
  const missing: Checked = {
    ...{ status: 'failed', subject, says: 'there is no such stream' },
    mend: 'Create it, or correct its name in the pipeline file and deploy.',
  };
  const found = await asked(
    subject,
    'kinesis:DescribeStreamSummary',
    () => kinesis.send(new DescribeStreamSummaryCommand(target)),
    { ResourceNotFoundException: missing },
  );
  if ('checked' in found) return found;
  const summary = found.answer.StreamDescriptionSummary;
  return summary === undefined ? { checked: missing } : { summary };
}

export const notAsked = (subject: string): Checked => ({
  ...{ status: 'unknown', subject, says: 'streams were not asked: the table is on another server than AWS' },
  mend: 'Set AWS_ENDPOINT_URL_KINESIS to the server of the streams.',
});

const hourMs = 3_600_000;
const dayHours = 24;

export function ofSource(stream: StreamIdentity, summary: StreamDescriptionSummary): readonly Checked[] {
  const { RetentionPeriodHours = 0, StreamCreationTimestamp, EncryptionType } = summary;
  const subject = stream.name;
  const createdAt = StreamCreationTimestamp?.getTime();
  const isSame = createdAt === undefined || Math.floor(createdAt / 1000) === Math.floor(stream.createdAt / 1000);
  return [
    ofStatus(summary),
    isSame
      ? ok(subject, 'the stream that the pipeline has read from its beginning')
      : {
          ...{
            status: 'failed',
            subject,
            says: 'it was deleted and created again: its sequence numbers mean nothing to what is saved',
          },
          mend: 'Deploy the pipeline under another name.',
        },
    RetentionPeriodHours * hourMs < stream.retentionMs
      ? {
          status: 'warning',
          subject,
          says: `records are kept for ${RetentionPeriodHours} h, and were for ${stream.retentionMs / hourMs} h when it was last read`,
          mend: raise(subject, stream.retentionMs / hourMs),
        }
      : RetentionPeriodHours <= dayHours
        ? {
            ...{
              status: 'warning',
              subject,
              says: `records are kept for ${RetentionPeriodHours} h: what nobody reads for a day is lost`,
            },
            mend: raise(subject, 3 * dayHours),
          }
        : ok(subject, `records are kept for ${RetentionPeriodHours} h`),
    ok(subject, EncryptionType === 'KMS' ? 'encrypted with a KMS key' : 'not encrypted by the stream'),
  ];
}

const raise = (name: string, hours: number): string =>
  `aws kinesis increase-stream-retention-period --stream-name ${name} --retention-period-hours ${hours}`;

export function ofStatus({ StreamName: subject = '', StreamStatus }: StreamDescriptionSummary): Checked {
  if (StreamStatus === 'ACTIVE') return ok(subject, 'active');
  if (StreamStatus === 'UPDATING') return ok(subject, 'being updated; it can be read and written');
  return {
    status: 'failed',
    subject,
    says: `it is ${StreamStatus}`,
    mend: 'Wait until it is active; if it is being deleted, create another one.',
  };
}

/** Of outputs that are streams in the account of the caller. Other kinds are the sink's own business. */
function sinksOf({ pipeline }: Patient): readonly Target[] {
  return (pipeline?.outputs ?? [])
    .filter(({ sink }) => sink.kind.isStream)
    .map(({ sink }) => (sink.options as { readonly stream: StreamReference }).stream)
    .map((stream) => (stream.kind === 'name' ? { StreamName: stream.streamName } : { StreamARN: stream.streamArn }));
}
