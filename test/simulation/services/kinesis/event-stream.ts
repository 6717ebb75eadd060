/** A subscription as the SDK's client hands it out: events one after the other, in a time that somebody else keeps. */
import type { Subscription, SubscriptionEvent } from './subscription.ts';

export type StreamedEvent = { readonly SubscribeToShardEvent: SubscriptionEvent };

/** `until` resolves at that time, or earlier. */
export async function* eventsOf(
  subscription: Subscription,
  until: (time: number) => Promise<void>,
): AsyncGenerator<StreamedEvent> {
  for (;;) {
    const push = subscription.take();
    if (push === undefined) await until(subscription.nextAt());
    else if (push.kind === 'event') yield { SubscribeToShardEvent: push.event };
    else if (push.kind === 'failure') throw push.error;
    else return;
  }
}
