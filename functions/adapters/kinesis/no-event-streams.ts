/**
 * In the place of `@smithy/core/event-streams` for steps that read no stream of events, which is only what SubscribeToShard
 * answers with.
 */
const none = (): never => {
  throw new Error('this step subscribes to nothing');
};

export const eventStreamSerdeProvider = none;
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;
export const EventStreamSerde = none;
