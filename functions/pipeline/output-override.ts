/** What is said from outside of an output. */
import { mainOutput } from './outputs.ts';
import type { StreamOverride } from './stream.ts';

type Named = Readonly<Record<string, string | undefined>>;

/** Of the stream that it writes: of the first one, and of others by their names. */
export function overrideOfOutput(
  id: string,
  overrides: {
    readonly sink?: string | undefined;
    readonly sinkRole?: string | undefined;
    readonly sinks?: Named | undefined;
    readonly sinkRoles?: Named | undefined;
  },
): Pick<StreamOverride, 'stream' | 'role'> {
  const { sink, sinkRole, sinks = {}, sinkRoles = {} } = overrides;
  if (id === mainOutput) return { stream: sink, role: sinkRole };
  const of = (given: Named) => (Object.hasOwn(given, id) ? given[id] : undefined);
  return { stream: of(sinks), role: of(sinkRoles) };
}
