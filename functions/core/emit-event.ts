/** From an event to its records, where nothing is grouped: under its identity, for each output that takes it. */
import type { EventMeta } from '../pipeline/callback.ts';
import { isFromOutbox, makesValues, outputsFrom } from '../pipeline/outputs.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { EventIdentity, SealedEventIdentity } from '../sinks/identity.ts';
import type { PlannedTask } from './model.ts';
import { type AboutValue, type Encoded, encodeFor, type ForOutputs } from './output.ts';
import { redriveSource } from './redrive.ts';
import type { Evaluation } from './run-operation.ts';
import { SeveralRecords } from './several-records.ts';

/** What the engine itself needs of the meta, which user code holds and may change. */
export type Place = Omit<EventMeta, 'streamName' | 'arrivalTime'>;

export const placeOf = ({
  shardId,
  partitionKey,
  explicitHashKey,
  sequenceNumber,
  subSequenceNumber,
}: EventMeta): Place => ({
  shardId,
  partitionKey,
  explicitHashKey,
  sequenceNumber,
  subSequenceNumber,
});

export type JudgedEvent = {
  readonly data: Uint8Array;
  readonly meta: EventMeta;
  /** Where events are sent from. */
  readonly place: Place | undefined;
  readonly base: string;
};

export type Emitter = {
  one(event: Pick<Evaluation, 'value' | 'eventTime'>, from: JudgedEvent): ForOutputs<Encoded>;
  several(event: JudgedEvent): SeveralRecords;
};

/** Without aggregation each event, or each of its elements, is a record of each output that takes it. */
export function createEmitter(
  pipeline: Pipeline,
  task: Pick<PlannedTask, 'generation' | 'batchId' | 'ref' | 'letters'>,
): Emitter {
  const outputs = outputsFrom(pipeline, 'events');
  const flattens = outputs.some(({ flatMap }) => flatMap !== undefined);
  const passesThrough = !makesValues(pipeline.operations);
  const stored = new Set(outputs.filter(isFromOutbox).map(({ id }) => id));
  const { name } = pipeline;
  const { batchId: batch, ref, letters, generation } = task;
  const redriven = letters === undefined ? {} : { redriven: true as const };
  const sourceSent = letters === undefined ? mainSource : redriveSource(letters.request);
  /** What is sent after the seal is sent of that try alone. */
  const storedIdentity = ({ base: _, ...identity }: EventIdentity): SealedEventIdentity => ({
    ...{ ...identity, source: mainSource },
    ...{ batch, ref, ...redriven },
  });
  const aboutOf = ({ place, base }: JudgedEvent): AboutValue => ({
    identityFor(output, at) {
      const sent: EventIdentity = {
        v: 1,
        pipeline: name,
        output,
        generation,
        // Readers take what lies before a `base` for known: what comes after all comes from a source of its own.
        source: sourceSent,
        shard: place!.shardId,
        sequence: place!.sequenceNumber,
        sub: place!.subSequenceNumber,
        index: at,
        base,
      };
      return stored.has(output) ? storedIdentity(sent) : sent;
    },
    // Streams with automatic distribution deliver no keys: spread, instead of all to one shard.
    defaultKey: place!.partitionKey || place!.sequenceNumber,
    explicitHashKey: place!.explicitHashKey,
  });
  return {
    one({ value, eventTime }, from) {
      const given = { value, meta: from.meta, bytes: passesThrough ? from.data : undefined, eventTime };
      if (!flattens) return encodeFor(outputs, given, aboutOf(from));
      const records = new SeveralRecords(outputs, aboutOf(from));
      records.take(given);
      return records.result();
    },
    several: (event) => new SeveralRecords(outputs, aboutOf(event)),
  };
}
