/**
 * The rows of a batch in which a reducer has died: user code runs in an isolate, and what it does to itself is noted beside
 * the state that is to be put (`RowTrial`). First rows that are not cleared yet, then those that have died, each alone; when
 * all are known, those that earlier tries have cleared are run in place, for their answers. What is in steps is cleared, too.
 */
import { SluiceError } from '../../core/errors.ts';
import type { EvaluatedRow, RowInput } from '../../core/evaluate-row.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import type { Isolate } from '../../core/isolate.ts';
import {
  afterLastTry,
  deathsUntilGivenUp,
  givenUpIn,
  mostGivenUp,
  newTrial,
  nextTryAt,
  onTrial,
  type RowDeaths,
  type RowRange,
  type RowTrial,
  rangeFrom,
  withDeath,
} from '../../core/row-trial.ts';
import type { StateName } from '../../ports/state-store.ts';
import { type Evaluation, evaluateInPlace, type RowsToEvaluate } from './evaluate-in-place.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

type RowsApart = RowsToEvaluate & { readonly found: RowTrial };

/**
 * The first act of a try: rows that were in hand when the last one ended are set free, so that a death before any row is
 * run, of a state too large perhaps, blames none.
 */
export async function beginTry({ ports }: ReduceRuntime, state: StateName): Promise<RowTrial | undefined> {
  const found = await ports.rows.loadTrial(state);
  if (found === undefined) return undefined;
  const trial = afterLastTry(found, ports.clock.now());
  if (trial !== found) await ports.rows.putTrial(state, trial);
  return trial;
}

export async function evaluateApart(
  runtime: ReduceRuntime,
  rows: RowsToEvaluate,
  noted: RowTrial,
): Promise<Evaluation> {
  const { clock } = runtime.ports;
  const trial = { ...noted, clearedUpTo: Math.max(noted.clearedUpTo, rows.outbox.end) };
  const given = { ...rows, found: trial };
  await refuseCrowd(runtime, given.state, trial);
  const until = nextTryAt(trial, clock.now());
  if (until !== undefined) return { kind: 'not-yet', until, progressed: false, why: whyNot(trial) };
  const attempt = new Attempt(runtime, given, trial);
  try {
    return await attempt.run();
  } finally {
    attempt.close();
  }
}

class Attempt {
  readonly #runtime: ReduceRuntime;
  readonly #given: RowsApart;
  /** Of this try, by row. */
  readonly #results = new Map<number, EvaluatedRow>();
  #trial: RowTrial;
  #isolate: Isolate<RowInput, EvaluatedRow> | undefined;

  constructor(runtime: ReduceRuntime, given: RowsApart, trial: RowTrial) {
    this.#runtime = runtime;
    this.#given = given;
    this.#trial = trial;
  }

  async run(): Promise<Evaluation> {
    const { rows, found, outbox } = this.#given;
    while (this.#trial.clearedUpTo < rows.length) {
      if (this.#isLate()) return this.#goOnLater();
      await this.#clearSome();
    }
    for (const index of onTrial(found).filter((index) => index >= outbox.end)) {
      if (this.#isLate()) return this.#goOnLater();
      await this.#take({ from: index, upTo: index + 1 });
    }
    await this.#note({ inHand: null });
    await this.#refuseMany();
    const until = nextTryAt(this.#trial, this.#runtime.ports.clock.now());
    if (until !== undefined) return { kind: 'not-yet', until, progressed: false, why: whyNot(this.#trial) };
    // What is left of the time may not do for those.
    if (found.clearedUpTo > 0 && found.clearedUpTo < rows.length) return this.#goOnLater();
    return this.#complete();
  }

  close(): void {
    this.#isolate?.close();
  }

  async #clearSome(): Promise<void> {
    const { length } = this.#given.rows;
    const from = this.#trial.clearedUpTo;
    const range = rangeFrom(this.#trial, from, length);
    const isDead = this.#trial.deaths.some(({ index }) => index === from);
    const upTo = isDead ? range.upTo : await this.#take(range);
    // Noted with what is taken in hand next.
    this.#trial = { ...this.#trial, clearedUpTo: upTo };
  }

  /** Up to a row that dies, with it. Answers how far it came. */
  async #take(range: RowRange): Promise<number> {
    const { rows } = this.#given;
    // Before the note: a thread that can't be started says nothing about the rows.
    this.#isolate ??= this.#open();
    await this.#note({ inHand: range });
    let at = range.from;
    do {
      this.#ask(this.#isolate, rows.at(at));
      at += 1;
    } while (at < range.upTo && this.#isolate !== undefined && !this.#isLate());
    return at;
  }

  #open(): Isolate<RowInput, EvaluatedRow> {
    const { setup, references, outbox } = this.#given;
    const isolate = this.#runtime.ports.isolation.open('row', setup, references);
    if (isolate.references !== undefined) outbox.uses(isolate.references);
    return isolate;
  }

  #ask(isolate: Isolate<RowInput, EvaluatedRow>, row: RowInput): void {
    const { index } = row;
    const answer = isolate.run(row);
    if (answer.kind === 'answered') {
      this.#results.set(index, answer.output);
      return;
    }
    this.#isolate = undefined;
    this.#trial = withDeath(this.#trial, index, answer.message, this.#runtime.ports.clock.now());
    this.#runtime.log.warn('a row has ended the thread of its user code', { row: index, why: answer.message });
  }

  /** Where no other row was left, those that died before and went well now are cleared like others: it must get on. */
  async #goOnLater(): Promise<Evaluation> {
    const { rows, found } = this.#given;
    const { clearedUpTo, deaths } = this.#trial;
    const hasCleared = clearedUpTo > found.clearedUpTo;
    const left = hasCleared ? deaths : deaths.filter(({ index }) => !this.#results.has(index));
    this.#trial = { ...this.#trial, deaths: left };
    await this.#note({ inHand: null });
    const until = nextTryAt(this.#trial, this.#runtime.ports.clock.now());
    return {
      kind: 'not-yet',
      progressed: hasCleared || left.length < deaths.length,
      why: `user code had ${clearedUpTo} of ${rows.length} rows when time was over`,
      ...(until === undefined ? {} : { until }),
    };
  }

  /** All rows in their order: stored, given up, run apart in this try, or else cleared in an earlier one. */
  async #complete(): Promise<Evaluation> {
    const { rows, outbox } = this.#given;
    for (const [index, deaths] of givenUpIn(this.#trial)) this.#results.set(index, crashed(deaths));
    const left = Array.from({ length: rows.length - outbox.end }, (_, at) => outbox.end + at);
    const isInPlace = left.some((index) => !this.#results.has(index));
    if (isInPlace) await this.#note({ isInPlace });
    const evaluation = await evaluateInPlace(this.#runtime, this.#given, this.#results);
    if (isInPlace) await this.#note({ isInPlace: false });
    return evaluation;
  }

  #isLate(): boolean {
    return this.#runtime.ports.clock.now() >= this.#given.deadline;
  }

  async #note(change: Partial<Pick<RowTrial, 'inHand' | 'isInPlace'>>): Promise<void> {
    this.#trial = { ...this.#trial, ...change };
    await this.#runtime.ports.rows.putTrial(this.#given.state, this.#trial);
  }

  /** The next start, with other code perhaps, begins the trial anew. */
  async #refuseMany(): Promise<void> {
    const { size } = givenUpIn(this.#trial);
    if (size <= mostGivenUp) return;
    await this.#runtime.ports.rows.putTrial(this.#given.state, newTrial);
    throw new SluiceError(
      'TooManyCrashes',
      `user code ended the reducer of key group ${this.#given.state.keyGroup} with ${size} rows of batch ` +
        `${this.#given.state.batchId}; more than ${mostGivenUp} are no fault of rows`,
    );
  }
}

/** No single row is to blame for that: nothing is given up, and nothing is tried for ever. */
async function refuseCrowd({ ports, pipeline }: ReduceRuntime, state: StateName, trial: RowTrial): Promise<void> {
  if (trial.diedInPlace < deathsUntilGivenUp) return;
  await ports.rows.putTrial(state, newTrial);
  const isGathering = state.keyGroup === gatheringGroup(pipeline);
  throw new SluiceError(
    'TooManyCrashes',
    `the reducer of key group ${state.keyGroup} ended ${trial.diedInPlace} times with the rows of batch ${state.batchId}, ` +
      `each of which goes well alone: together they take more time or memory than a function has; ${isGathering ? ofGathered : ofGroup}`,
  );
}

const ofGroup = 'use more key groups, or more `memorySize`';
/** However many key groups there are, it has the first rows of all. */
const ofGathered = 'it has the first rows of all key groups: use fewer (`topRows`), or more `memorySize`';

const whyNot = ({ deaths }: RowTrial): string => `row ${deaths.at(-1)?.index}: ${deaths.at(-1)?.message}`;

const crashed = ({ message, times }: RowDeaths): EvaluatedRow => ({
  kind: 'refused',
  reason: 'crashed-reducer',
  message: `user code has ended its reducer ${times.length} times: ${message}`,
});
