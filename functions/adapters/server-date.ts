/** A service's own clock, from the `Date` header of its answers. */

const serverDate = Symbol('server date');

type Answered = { readonly response: unknown; readonly output: object };
type Next = (args: never) => Promise<Answered>;
type DatedClient = {
  readonly middlewareStack: { add(middleware: never, options: object): void };
};

export function rememberServerDate(client: DatedClient): void {
  const remember = (next: Next) => async (args: never) => {
    const result = await next(args);
    const response = result.response as { readonly headers?: Readonly<Record<string, string>> } | undefined;
    const date = Date.parse(response?.headers?.date ?? '');
    if (!Number.isNaN(date)) Object.assign(result.output, { [serverDate]: date });
    return result;
  };
  // The highest priority of this step sees both the answer and what was made of it.
  client.middlewareStack.add(remember as never, { step: 'deserialize', priority: 'high', name: 'sluiceServerDate' });
}

/** Epoch milliseconds, in full seconds. Undefined: the answer had no such header. */
export const serverDateOf = (output: object): number | undefined =>
  (output as { readonly [serverDate]?: number })[serverDate];
