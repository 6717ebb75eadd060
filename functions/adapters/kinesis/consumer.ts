/**
 * The enhanced fan-out consumer: found or registered, and only used if it is this pipeline's.
 *
 * Two pipelines on one consumer would take each other's subscriptions over, again and again. A pipeline's own is the one
 * that its stack made, whatever its tags, the one that it registered itself, which has its tag, and the one that is named to
 * it by ARN or to be adopted.
 */
import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  type DescribeStreamConsumerCommandInput,
  type KinesisClient,
  ListTagsForResourceCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import { consumerNameOf, consumerTag, type Pipeline } from '../../pipeline/pipeline.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConsumerState, StreamConsumer } from '../../ports/source.ts';
import { fromAws, isNamed } from '../aws-errors.ts';
import { given } from '../incomplete-answer.ts';

/** A consumer stays active until somebody deregisters it; without one, registering is not tried in every turn. */
const trustedMs = 60_000;

/** What is known of the consumer beyond one turn. */
export type ConsumerMemory = {
  /** ARN of the consumer that the stack of the pipeline made. */
  readonly ofStack?: string | undefined;
  known?: { readonly state: ConsumerState; readonly seenAt: number } | undefined;
  /** Of the consumer that was registered by who has this memory. */
  registered?: string | undefined;
};

type Described = { readonly arn: string; readonly status: string };

export function createStreamConsumer(
  client: KinesisClient,
  pipeline: Pick<Pipeline, 'name' | 'source'>,
  clock: Clock,
  memory: ConsumerMemory = {},
): StreamConsumer {
  const registry = new Registry(client, pipeline, memory);
  return {
    async ensure(streamArn, isDoubted) {
      const { known } = memory;
      if (!isDoubted && known !== undefined && clock.now() - known.seenAt < trustedMs) return known.state;
      memory.known = undefined;
      const state = await registry.ensure(streamArn);
      if (state.kind !== 'not-ready') memory.known = { state, seenAt: clock.now() };
      return state;
    },
    async deregisterOwn() {
      memory.known = undefined;
      await registry.deregisterOwn();
    },
  };
}

class Registry {
  readonly #client: KinesisClient;
  readonly #pipeline: Pick<Pipeline, 'name' | 'source'>;
  readonly #name: string;
  readonly #memory: ConsumerMemory;

  constructor(client: KinesisClient, pipeline: Pick<Pipeline, 'name' | 'source'>, memory: ConsumerMemory) {
    this.#client = client;
    this.#pipeline = pipeline;
    this.#memory = memory;
    this.#name = consumerNameOf(pipeline);
  }

  async ensure(streamArn: string): Promise<ConsumerState> {
    const { consumerArn } = this.#pipeline.source.subscribeToShard;
    if (consumerArn !== undefined) return this.#given(consumerArn);
    const found = await this.#describe({ StreamARN: streamArn, ConsumerName: this.#name });
    if (found !== undefined) {
      if (found.status !== 'DELETING') await this.#checkOwner(found.arn);
      return stateOf(found);
    }
    const refused = await this.#register(streamArn);
    if (refused !== undefined) return { kind: 'fall-back', reason: refused };
    const made = await this.#describe({ StreamARN: streamArn, ConsumerName: this.#name });
    return made === undefined ? { kind: 'not-ready', status: 'CREATING' } : stateOf(made);
  }

  /** Its owner alone can register it again, and then it has another ARN. */
  async #given(arn: string): Promise<ConsumerState> {
    const found = await this.#describe({ ConsumerARN: arn });
    if (found !== undefined && found.status !== 'DELETING') return stateOf(found);
    const reason = `consumer ${arn} ${found === undefined ? 'does not exist' : 'is being deregistered'}`;
    if (this.#pipeline.source.subscribeToShard.fallBack === 'polling') return { kind: 'fall-back', reason };
    throw new SluiceError(
      'NotAllowed',
      `${reason}: its owner has to register one, and subscribeToShard.consumerArn to name it. ` +
        "With subscribeToShard: { fallBack: 'polling' } the stream is read by GetRecords meanwhile.",
    );
  }

  async deregisterOwn(): Promise<void> {
    const arn = this.#memory.registered;
    if (arn === undefined) return;
    this.#memory.registered = undefined;
    try {
      await this.#client.send(new DeregisterStreamConsumerCommand({ ConsumerARN: arn }));
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw fromAws(error, `deregister ${arn}`);
    }
  }

  async #describe(consumer: DescribeStreamConsumerCommandInput): Promise<Described | undefined> {
    try {
      const { ConsumerDescription } = await this.#client.send(new DescribeStreamConsumerCommand(consumer));
      return {
        arn: given(ConsumerDescription?.ConsumerARN, 'ConsumerARN'),
        status: given(ConsumerDescription?.ConsumerStatus, 'ConsumerStatus'),
      };
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw fromAws(error, `describe consumer ${this.#name}`);
    }
  }

  /** Undefined if there is one now; else why there can be none. */
  async #register(streamArn: string): Promise<string | undefined> {
    try {
      const { Consumer } = await this.#client.send(
        new RegisterStreamConsumerCommand({
          StreamARN: streamArn,
          ConsumerName: this.#name,
          Tags: { [consumerTag]: this.#pipeline.name },
        }),
      );
      this.#memory.registered = given(Consumer?.ConsumerARN, 'ConsumerARN');
      return undefined;
    } catch (error) {
      // Somebody was quicker; whose it is, the next turn finds out.
      if (isNamed(error, 'ResourceInUseException')) return undefined;
      const reason = `consumer ${this.#name} can't be registered: ${(error as Error).message}`;
      const isRefused = isNamed(error, 'LimitExceededException') || isNamed(error, 'AccessDeniedException');
      if (isRefused && this.#pipeline.source.subscribeToShard.fallBack === 'polling') return reason;
      const advice =
        "Deregister a consumer of the stream, or set subscribeToShard: { fallBack: 'polling' } to read by GetRecords meanwhile.";
      throw fromAws(error, isRefused ? `${reason} (${advice})` : `register consumer ${this.#name}`);
    }
  }

  async #checkOwner(arn: string): Promise<void> {
    const { name, source } = this.#pipeline;
    if (source.subscribeToShard.adopt || arn === this.#memory.registered || arn === this.#memory.ofStack) return;
    const owner = await this.#ownerOf(arn);
    if (owner === name) return;
    throw new SluiceError(
      'ConsumerNotOwned',
      `consumer ${this.#name} (${arn}) exists and is not this pipeline's: its tag ${consumerTag} ` +
        `${owner === undefined ? 'is missing' : `says '${owner}'`}, not '${name}'. Name another one with ` +
        'subscribeToShard: { consumerName }, or take this one with subscribeToShard: { adopt: true }, which is also what to ' +
        'do if that is the name that this pipeline had before.',
    );
  }

  async #ownerOf(arn: string): Promise<string | undefined> {
    try {
      const { Tags } = await this.#client.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
      const own = given(Tags, 'Tags').find(({ Key }) => given(Key, 'the Key of a tag') === consumerTag);
      return own === undefined ? undefined : given(own.Value, 'the Value of a tag');
    } catch (error) {
      throw fromAws(error, `list tags of ${arn}`);
    }
  }
}

function stateOf({ arn, status }: Described): ConsumerState {
  return status === 'ACTIVE' ? { kind: 'active', arn } : { kind: 'not-ready', status };
}
