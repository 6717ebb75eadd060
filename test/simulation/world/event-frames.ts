/** What simulated Kinesis sends of a subscription, as it comes over the wire. */
import { messageFrame } from '../../../bench/side-by-side/message-frame.ts';
import type { StreamedEvent } from '../services/kinesis/event-stream.ts';
import { ServiceError } from '../services/service-error.ts';

/** The answer to a call whose output is a stream; a failure of the stream is its last frame. */
export async function* framesOf(
  events: AsyncIterable<StreamedEvent>,
  toJson: (value: object) => string,
): AsyncGenerator<Uint8Array> {
  yield frame({ ':message-type': 'event', ':event-type': 'initial-response' }, '{}');
  try {
    for await (const { SubscribeToShardEvent } of events)
      yield frame({ ':message-type': 'event', ':event-type': 'SubscribeToShardEvent' }, toJson(SubscribeToShardEvent));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { name, message } = error;
    yield frame({ ':message-type': 'exception', ':exception-type': name }, toJson({ message }));
  }
}

const frame = (headers: Readonly<Record<string, string>>, payload: string): Uint8Array =>
  messageFrame({ ...headers, ':content-type': 'application/x-amz-json-1.1' }, payload);
