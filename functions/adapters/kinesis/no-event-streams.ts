/**
 * In the place of `@smithy/core/event-streams` for steps that read no stream of events: only SubscribeToShard answers with one, and
 * clients of the user's own, with which the SDK's stays.
 */
const none = (): never => {
  throw new Error('this step subscribes to nothing');
};

export const eventStreamSerdeProvider = none;
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;
export const EventStreamSerde = none;
