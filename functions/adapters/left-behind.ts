/**
 * Promises that user code leaves behind: neither returned nor stored, so nobody can refuse them. A rejected one is logged,
 * and ends nothing. The runtime of Lambda has a listener of its own, which logs the reason with its message, data and all, and
 * exits; it is in place before a function is loaded, and goes.
 */
type Warn = (message: string, fields: Record<string, unknown>) => void;
type Listener = (reason: unknown) => void;
type Events = Pick<NodeJS.Process, 'listeners' | 'removeAllListeners' | 'on' | 'off'>;

/** In this thread, once. The answer undoes it. */
export function surviveRejections(warn: Warn, events: Events = process): () => void {
  const before = events.listeners('unhandledRejection');
  let count = 0;
  const listener: Listener = (reason) => {
    count++;
    // One for each event of a stream would be a log of its own.
    if (!isPowerOfTen(count)) return;
    warn('a promise that the code of the pipeline left behind was rejected', { ...nameAndPlace(reason), count });
  };
  events.removeAllListeners('unhandledRejection').on('unhandledRejection', listener);
  return () => {
    events.off('unhandledRejection', listener);
    for (const each of before) events.on('unhandledRejection', each);
  };
}

const isPowerOfTen = (count: number): boolean => Number.isInteger(Math.log10(count));

/** No message: it may quote an event. Reading any of it may throw, since a reason can be whatever there is. */
function nameAndPlace(reason: unknown): Record<string, unknown> {
  try {
    if (!(reason instanceof Error)) return { error: typeof reason };
    const at = `${reason.stack ?? ''}`.split('\n').filter((line) => /^\s+at \S.*:\d+:\d+\)?$/.test(line));
    return { error: reason.constructor.name, at };
  } catch {
    return { error: 'unknown' };
  }
}
