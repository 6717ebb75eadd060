/** Kinesis's own clock, from the `Date` header of its answers. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Clock } from '../../ports/clock.ts';

const serverDate = Symbol('server date');

/** The header has whole seconds and may be stamped before the answer is made: a second is taken off. */
const headerMarginMs = 1000;

export function rememberServerDate(client: KinesisClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { readonly headers?: Readonly<Record<string, string>> } | undefined;
      const date = Date.parse(response?.headers?.date ?? '');
      if (!Number.isNaN(date)) Object.assign(result.output as object, { [serverDate]: date });
      return result;
    },
    // The highest priority of this step sees both the answer and what was made of it.
    { step: 'deserialize', priority: 'high', name: 'sluiceServerDate' },
  );
}

/** Never ahead of Kinesis. Without the header, the local clock less the same margin has to do. */
export function serverTimeOf(output: object, clock: Clock): number {
  const date = (output as { readonly [serverDate]?: number })[serverDate];
  return (date ?? clock.now()) - headerMarginMs;
}
