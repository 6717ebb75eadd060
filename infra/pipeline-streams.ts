/** The streams of a pipeline: given, made here, or the existing ones that the pipeline file names. */
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IStream, Stream, StreamEncryption, StreamMode, type StreamProps } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StreamReference } from '../functions/pipeline/stream.ts';
import { acknowledge } from './acknowledgements.ts';

/**
 * An existing stream, or the properties of one to make (`{}` will do): on demand, or provisioned when `shardCount` is
 * set; encrypted with the key that AWS manages and removed with the stack, if nothing else is said.
 */
export type PipelineStream = IStream | StreamProps;

export type NamedStream = {
  readonly stream: StreamReference;
  readonly region: string | undefined;
  /** ARN of the role that it is reached with. */
  readonly role: string | undefined;
};

export function resolveStream(
  scope: Construct,
  id: string,
  asked: PipelineStream | undefined,
  named: NamedStream,
): IStream {
  if (asked === undefined) return Stream.fromStreamArn(scope, id, arnOf(scope, named));
  if (isStream(asked)) return asked;
  const stream = new Stream(scope, id, withDefaults(asked));
  acknowledge(stream, ['AwsSolutions-KDS3']);
  return stream;
}

/** Of what is to be made and says no encryption of its own. */
export function withKey<Asked>(asked: Asked, encryptionKey: IKey | undefined): Asked {
  if (encryptionKey === undefined || !isToMake(asked)) return asked;
  return { encryptionKey, ...asked };
}

/** Constructs have a node. */
const isToMake = (asked: unknown): asked is StreamProps =>
  typeof asked === 'object' && asked !== null && !('node' in asked) && !('encryption' in asked);

function isStream(asked: PipelineStream): asked is IStream {
  return 'streamArn' in asked;
}

function withDefaults(props: StreamProps): StreamProps {
  const mode = props.shardCount === undefined ? StreamMode.ON_DEMAND : StreamMode.PROVISIONED;
  const encryption = props.encryptionKey === undefined ? StreamEncryption.MANAGED : StreamEncryption.KMS;
  return { streamMode: mode, encryption, removalPolicy: RemovalPolicy.DESTROY, ...props };
}

/** A name means the stream of that name in the account that asks: with a role, the role's. */
function arnOf(scope: Construct, { stream, region, role }: NamedStream): string {
  if (stream.kind === 'arn') return stream.streamArn;
  const elsewhere = {
    ...(region === undefined ? {} : { region }),
    ...(role === undefined ? {} : { account: Stack.of(scope).splitArn(role, ArnFormat.SLASH_RESOURCE_NAME).account! }),
  };
  return Stack.of(scope).formatArn({
    service: 'kinesis',
    resource: 'stream',
    resourceName: stream.streamName,
    ...elsewhere,
  });
}
