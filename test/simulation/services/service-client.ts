/** A simulated service in the place of an SDK client: commands by their names, and the middleware that was added. */

type Command = { readonly input: unknown };
export type SendOptions = { readonly abortSignal?: AbortSignal };
type Answer = { readonly response: { readonly headers: Readonly<Record<string, string>> }; readonly output: object };
type Handler = (args: object) => Promise<Answer>;
type Middleware = (next: Handler) => Handler;

/**
 * `Client` is the client's class, of which this has what the adapters use. `date` is the service's clock, in epoch
 * milliseconds: its answers have it as a header, in full seconds.
 */
export function serviceClient<Client>(
  execute: (operation: string, input: unknown, options: SendOptions) => object | Promise<object>,
  { date }: { readonly date: () => number },
): Client {
  const stack: Middleware[] = [];
  const client = {
    middlewareStack: {
      add(middleware: Middleware): void {
        stack.push(middleware);
      },
    },
    async send(command: Command, options: SendOptions = {}): Promise<object> {
      const ask: Handler = async () => {
        const output = await execute(command.constructor.name.replace(/Command$/, ''), command.input, options);
        return { response: { headers: { date: httpDate(date()) } }, output };
      };
      const { output } = await stack.reduce((next, middleware) => middleware(next), ask)({});
      return output;
    },
  };
  return client as unknown as Client;
}

let lastSecond = Number.NaN;
let lastDate = '';

/** Of the same second many answers are given. */
export function httpDate(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastDate = new Date(second * 1000).toUTCString();
  }
  return lastDate;
}
