/** Looks again and again, up to a bound. */
const mostLooks = 1_000;

export async function until<Value>(
  look: () => Promise<Value | undefined>,
  {
    what,
    pause,
    signal,
  }: { readonly what: string; readonly pause: (signal: AbortSignal) => Promise<void>; readonly signal: AbortSignal },
): Promise<Value> {
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const value = await look();
    if (value !== undefined) return value;
    signal.throwIfAborted();
    await pause(signal);
  }
  throw new Error(`${what}: not so after ${mostLooks} looks`);
}
