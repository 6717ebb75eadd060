/** The enhanced fan-out consumer, of a pipeline that reads by one. */
import { type Consumer, ListStreamConsumersCommand } from '@aws-sdk/client-kinesis';
import { consumerNameOf, type Pipeline } from '../../functions/pipeline/pipeline.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import { asked, type Check, type Checked, ok, type Patient } from './check.ts';
import { notAsked } from './streams.ts';

/** Of a stream, with enhanced fan-out. */
const mostConsumers = 20;

export const consumer: Check = {
  name: 'consumer',
  looks: 'with enhanced fan-out, whether the consumer is registered and active, and how many more the stream takes',
  permissions: ['kinesis:ListStreamConsumers'],
  async run(patient) {
    const { facts, kinesis, pipeline } = patient;
    const { stream } = facts.head.sources[mainSource];
    if (!subscribes(patient)) return [];
    if (kinesis === undefined) return [notAsked(stream.name)];
    const found = await asked(stream.name, 'kinesis:ListStreamConsumers', async () => {
      const consumers: Consumer[] = [];
      let NextToken: string | undefined;
      do {
        const answer = await kinesis.send(
          new ListStreamConsumersCommand({ StreamARN: stream.arn, ...(NextToken === undefined ? {} : { NextToken }) }),
        );
        consumers.push(...(answer.Consumers ?? []));
        NextToken = answer.NextToken;
      } while (NextToken !== undefined);
      return consumers;
    });
    return 'checked' in found
      ? [found.checked]
      : ofConsumers(stream.name, nameOf(facts.head.pipeline, pipeline), found.answer);
  },
};

const subscribes = ({ facts, pipeline }: Patient): boolean =>
  (pipeline?.source.consumerType ?? facts.reports[0]?.consumerType) === 'SubscribeToShard';

const nameOf = (name: string, pipeline: Pipeline | undefined): string =>
  pipeline === undefined ? `sluice-${name}` : consumerNameOf(pipeline);

export function ofConsumers(stream: string, name: string, consumers: readonly Consumer[]): readonly Checked[] {
  const own = consumers.find(({ ConsumerName }) => ConsumerName === name);
  const status = own?.ConsumerStatus;
  const isFull = consumers.length >= mostConsumers;
  const missing: Checked = isFull
    ? {
        ...{
          status: 'warning',
          subject: name,
          says: `it is not registered, and ${stream} has ${consumers.length} consumers of ${mostConsumers}: the pipeline polls`,
        },
        mend: `Deregister one that nobody needs: aws kinesis list-stream-consumers --stream-arn …`,
      }
    : {
        ...{ status: 'warning', subject: name, says: `it is not registered at ${stream}` },
        mend: 'The next start registers it; give `consumerName` with --pipeline file if it has another name.',
      };
  return [
    status === undefined
      ? missing
      : status === 'ACTIVE'
        ? ok(name, `an active consumer of ${stream}`)
        : {
            status: 'warning',
            subject: name,
            says: `it is ${status}`,
            mend: 'Wait a minute: the pipeline polls until it is active.',
          },
  ];
}
