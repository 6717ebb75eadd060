/** What the command line says, as Commander reads it. Lists: of those that may come more than once. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
