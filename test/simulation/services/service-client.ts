type Middleware = (next: (args: any) => Promise<any>) => (args: any) => Promise<any>;
export function serviceClient(
  execute: (operation: string, input: unknown) => object | Promise<object>,
  { date }: { date: () => number },
) {
  const stack: Middleware[] = [];
  return {
    middlewareStack: { add: (m: Middleware) => void stack.push(m) },
    async send(command: any): Promise<any> {
      const base = async () => {
        const output = await execute(command.constructor.name.replace(/Command$/, ''), command.input);
        return { response: { headers: { date: new Date(date()).toUTCString() } }, output };
      };
      let next: (args: any) => Promise<any> = base;
      for (const m of stack) next = m(next);
      return (await next({})).output;
    },
  };
}
