/** A check of `sluice doctor`: a file, and a line in `index.ts`. It asks, and changes nothing. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PipelineFacts } from '../../functions/findings/facts.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';

/**
 * ok       as it should be
 * warning  the pipeline runs, and is less safe than it could be
 * failed   the pipeline does not run, or will not
 * unknown  it could not be asked
 */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'unknown';

export type Checked = {
  readonly status: CheckStatus;
  /** What was looked at: a table, a stream, a bucket. */
  readonly subject: string;
  readonly says: string;
  /** What to do. Of what is ok: absent. */
  readonly mend?: string;
};

export type Patient = {
  readonly facts: PipelineFacts;
  /** The file, if one was given. */
  readonly pipeline: Pipeline | undefined;
  readonly table: string;
  readonly dynamodb: DynamoDBClient;
  /** Undefined: the table is on another server than AWS, and nobody said where streams are. */
  readonly kinesis: KinesisClient | undefined;
  readonly bucket: { readonly name: string; readonly client: S3Client } | undefined;
  readonly node: string;
  readonly version: string;
  readonly nodeRange: string;
};

export type Check = {
  readonly name: string;
  /** What it looks at, for the reference. */
  readonly looks: string;
  /** The permissions that it needs of the caller. */
  readonly permissions: readonly string[];
  readonly run: (patient: Patient) => Promise<readonly Checked[]>;
};

export const ok = (subject: string, says: string): Checked => ({ status: 'ok', subject, says });

const deniedNames = new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation']);
/** By servers that are not AWS. */
const unknownNames = new Set(['UnknownOperationException', 'NotImplemented', 'UnrecognizedClientException']);

/** What a call says, or why it can't be known. `absent`: names of errors that are an answer. */
export async function asked<Answer>(
  subject: string,
  permission: string,
  call: () => Promise<Answer>,
  absent: Readonly<Record<string, Checked>> = {},
): Promise<{ readonly answer: Answer } | { readonly checked: Checked }> {
  try {
    return { answer: await call() };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    const known = absent[name];
    if (known !== undefined) return { checked: known };
    if (deniedNames.has(name))
      return {
        checked: {
          status: 'unknown',
          subject,
          says: `you may not ask: ${permission}`,
          mend: `Allow yourself ${permission}.`,
        },
      };
    const says = unknownNames.has(name)
      ? `this server does not know ${permission}`
      : `${permission} failed with ${name}`;
    return { checked: { status: 'unknown', subject, says, mend: 'Ask again; if it stays so, look at the service.' } };
  }
}
