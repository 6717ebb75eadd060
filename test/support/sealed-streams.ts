/** Streams of a kind that only differs from `kinesis` in when it is sent to: also where a pipeline does not group, after the seal. */
import { kinesis } from '../../functions/index.ts';
import { pipelineWith } from '../../functions/pipeline/chain.ts';
import { ownKinds } from '../../functions/pipeline/kinds.ts';
import type { KinesisOptions, KinesisStream } from '../../functions/pipeline/kinesis.ts';
import { type CheckedKinesisSink, kinesisKind } from '../../functions/sinks/kinesis.ts';
import type { SinkKind } from '../../functions/sinks/sink-kind.ts';

const sealedKind: SinkKind<CheckedKinesisSink> = {
  ...kinesisKind,
  kind: 'sealed-kinesis',
  usage: 'sealed-kinesis',
  sentAfterSeal: true,
  read: (given, ...about) => kinesisKind.read({ ...given, kind: kinesisKind.kind }, ...about),
};

const kinds = { ...ownKinds, sinks: ownKinds.sinks.with(sealedKind) };

/** `pipeline`, and it knows that kind. */
export const pipelineOfSealed = pipelineWith(kinds);

export const sealed = <Row = unknown>(options: KinesisOptions<'sink', Row>): KinesisStream<'sink', Row> =>
  ({ ...kinesis<'sink', Row>(options), kind: sealedKind.kind }) as unknown as KinesisStream<'sink', Row>;
