/** What of a batch's outputs took long to send, or was not taken: for people. Nothing is decided on it. */

/** Of one try of a key group. */
export type SlowOutput = {
  /** How long it was being sent to. */
  readonly ms: number;
  /** Records that are left. Absent: none. */
  readonly left?: number | undefined;
  /** The name of the error that it ended with. Absent: with none; what is left then is a matter of time. */
  readonly error?: string | undefined;
};

/** By an output's id: those alone that took long, or have not taken all. */
export type SlowOutputs = Readonly<Record<string, SlowOutput>>;

/** Of a batch so far. */
export type SlowSending = {
  /** How long it was sent to: of each round the key group that took the longest. */
  readonly ms: number;
  /** Rounds of the reduce that have left something. Absent: none. */
  readonly rounds?: number | undefined;
  /** The last error that a try ended with. Absent: none did. */
  readonly error?: string | undefined;
};

export type SlowSendings = Readonly<Record<string, SlowSending>>;

/** What goes through faster is nobody's trouble. */
const longMs = 1_000;

/** As a part of what a reducer says: nothing where no output was slow. */
export function slowPart(outputs: readonly (SlowOutput & { readonly output: string })[]): {
  readonly slow?: SlowOutputs;
} {
  const slow = outputs.filter(({ ms, left = 0 }) => ms >= longMs || left > 0);
  if (slow.length === 0) return {};
  const entries = slow.map(({ output, ms, left = 0, error }): [string, SlowOutput] => [
    output,
    { ms, ...(left === 0 ? {} : { left, ...(error === undefined ? {} : { error }) }) },
  ]);
  return { slow: Object.fromEntries(entries) };
}

export function afterRound(before: SlowSendings, groups: readonly { readonly slow?: SlowOutputs | undefined }[]) {
  const after: Record<string, SlowSending> = { ...before };
  for (const output of new Set(groups.flatMap(({ slow = {} }) => Object.keys(slow)))) {
    const told = groups.flatMap(({ slow }) => slow?.[output] ?? []);
    const { ms, rounds = 0, error } = before[output] ?? { ms: 0 };
    const left = told.some((one) => (one.left ?? 0) > 0) ? 1 : 0;
    const last = told.findLast((one) => one.error !== undefined)?.error ?? error;
    after[output] = {
      ms: ms + Math.max(...told.map((one) => one.ms)),
      ...(rounds + left === 0 ? {} : { rounds: rounds + left }),
      ...(last === undefined ? {} : { error: last }),
    };
  }
  return after as SlowSendings;
}
