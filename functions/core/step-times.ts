/**
 * When the steps of a batch began and how long each took: for people and alarms, never for a decision.
 *
 * STEPTIME-1 Steps lie in the order of the loop, without gap or overlap: each ends where the next begins, and the last one when the report is
 *    made. So they add up to the time from the batch's plan to its report.
 * STEPTIME-2 The driver's own steps (plan, seal, commit) begin when the state machine enters their states: tries that failed are in their time.
 *    What lies between two of them is timed by the clocks of functions, and clamped to lie between them.
 * STEPTIME-3 What travels is a mark for each step, five at most, however many rounds the reduce takes.
 * STEPTIME-4 A batch that another driver has read or sealed has no times: nobody knows all of them.
 */
export const stepNames = ['plan', 'process', 'seal', 'reduce', 'commit'] as const;
export type StepName = (typeof stepNames)[number];

/** Where a step began. Marks of a batch travel with it through the state machine. */
export type StepMark = {
  readonly step: StepName;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tries?: number | undefined;
};

export type StepTime = {
  readonly step: StepName;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** How often its state ran, of the reduce how many rounds it had. Absent: once, or nobody knows. */
  readonly tries?: number;
};

/** Of a state as its state machine says it. */
export type Entered = { readonly enteredAt?: string | undefined; readonly retries?: number | undefined };

/** Who calls a step without a state machine says nothing: then it began `now`. */
export function markOf(step: StepName, { enteredAt, retries = 0 }: Entered, now: number): StepMark {
  const at = enteredAt === undefined ? now : Date.parse(enteredAt);
  return { step, at, ...(retries === 0 ? {} : { tries: retries + 1 }) };
}

/** Nothing is known of what came before if that is empty. */
export const marksAfter = (before: readonly StepMark[], ...marks: readonly StepMark[]): readonly StepMark[] =>
  before.length === 0 ? [] : [...before, ...marks];

/** Another round of the reduce: it began with the first. */
export const withRound = (marks: readonly StepMark[]): readonly StepMark[] =>
  marks.map((mark) => (mark.step === 'reduce' ? { ...mark, tries: (mark.tries ?? 1) + 1 } : mark));

/** `end`: when the report is made. Undefined without marks. */
export function stepTimes(marks: readonly StepMark[], end: number): readonly StepTime[] | undefined {
  const starts = startsOf(marks);
  if (starts.length === 0) return undefined;
  return marks.map(({ step, tries }, index): StepTime => {
    const at = starts[index]!;
    const until = starts[index + 1] ?? Math.max(at, end);
    return { step, at, ms: until - at, ...(tries === undefined ? {} : { tries }) };
  });
}

/** From the batch's plan to its report. */
export const batchMs = (steps: readonly Pick<StepTime, 'ms'>[]): number => steps.reduce((sum, { ms }) => sum + ms, 0);

function startsOf(marks: readonly StepMark[]): readonly number[] {
  const starts: number[] = [];
  for (const [index, { step, at }] of marks.entries()) {
    const next = isBetween(step) ? (marks[index + 1]?.at ?? at) : at;
    starts.push(Math.max(starts[index - 1] ?? at, Math.min(at, next)));
  }
  return starts;
}

const isBetween = (step: StepName): boolean => step === 'process' || step === 'reduce';
