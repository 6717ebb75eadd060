/**
 * The rows of a batch in which a reducer has died: user code runs in an isolate, and what it does to itself is noted beside
 * the state that is to be put (`RowTrial`).
 */
import { SluiceError } from '../../core/errors.ts';
import type { EvaluatedRow, RowInput, RowSetup } from '../../core/evaluate-row.ts';
import {
  afterLastTry,
  givenUpIn,
  mostGivenUp,
  newTrial,
  nextTryAt,
  type RowDeaths,
  type RowTrial,
  rangeFrom,
  withDeath,
} from '../../core/row-trial.ts';
import type { Isolate, StateName } from '../../ports.ts';
import type { Runtime } from '../runtime.ts';

export type Apart =
  | { readonly kind: 'evaluated'; readonly results: readonly EvaluatedRow[] }
  /** Another try is worth it from `until` on. */
  | { readonly kind: 'not-yet'; readonly until?: number; readonly why: string };

export type RowsApart = {
  readonly state: StateName;
  readonly setup: RowSetup;
  readonly rows: readonly RowInput[];
  readonly found: RowTrial;
  /** After which no further row is begun. */
  readonly deadline: number;
};

export async function evaluateApart(runtime: Runtime, given: RowsApart): Promise<Apart> {
  const { clock } = runtime.ports;
  const trial = afterLastTry(given.found, clock.now());
  const due = nextTryAt(trial);
  if (due !== undefined && clock.now() < due) {
    if (trial !== given.found) await runtime.ports.batches.putTrial(given.state, trial);
    return { kind: 'not-yet', until: due, why: whyNot(trial) };
  }
  const attempt = new Attempt(runtime, given, trial);
  try {
    return await attempt.run();
  } finally {
    attempt.close();
  }
}

class Attempt {
  readonly #runtime: Runtime;
  readonly #given: RowsApart;
  readonly #results: EvaluatedRow[] = [];
  #trial: RowTrial;
  #isolate: Isolate<RowInput, EvaluatedRow> | undefined;

  constructor(runtime: Runtime, given: RowsApart, trial: RowTrial) {
    this.#runtime = runtime;
    this.#given = given;
    this.#trial = trial;
  }

  async run(): Promise<Apart> {
    const { rows } = this.#given;
    while (this.#results.length < rows.length) {
      if (this.#isLate()) {
        await this.#note({ inHand: null });
        const why = `user code had ${this.#results.length} of ${rows.length} rows when time was over`;
        return { kind: 'not-yet', why, ...untilOf(this.#trial) };
      }
      await this.#takeSome();
    }
    await this.#note({ inHand: null });
    await this.#refuseMany();
    const due = nextTryAt(this.#trial);
    if (due !== undefined) return { kind: 'not-yet', until: due, why: whyNot(this.#trial) };
    return { kind: 'evaluated', results: this.#results };
  }

  close(): void {
    this.#isolate?.close();
  }

  /** One range, up to a row that dies. */
  async #takeSome(): Promise<void> {
    const { rows, setup } = this.#given;
    const from = this.#results.length;
    const givenUp = givenUpIn(this.#trial).get(from);
    if (givenUp !== undefined) {
      this.#results.push(crashed(givenUp));
      return;
    }
    // Before the note: a thread that can't be started says nothing about the rows.
    this.#isolate ??= this.#runtime.ports.isolation.open('row', setup);
    const range = rangeFrom(this.#trial, from, rows.length);
    await this.#note({ inHand: range });
    for (let at = from; at < range.upTo && this.#isolate !== undefined && (at === from || !this.#isLate()); at++) {
      this.#results.push(this.#ask(this.#isolate, rows[at]!));
    }
  }

  #ask(isolate: Isolate<RowInput, EvaluatedRow>, row: RowInput): EvaluatedRow {
    const answer = isolate.run(row);
    if (answer.kind === 'answered') return answer.output;
    this.#isolate = undefined;
    const { index } = row;
    this.#trial = withDeath(this.#trial, index, answer.message, this.#runtime.ports.clock.now());
    this.#runtime.log.warn('a row has ended the thread of its user code', { row: index, why: answer.message });
    // Stands for nothing unless it is given up.
    return crashed(this.#trial.deaths.find((row) => row.index === index)!);
  }

  #isLate(): boolean {
    return this.#runtime.ports.clock.now() >= this.#given.deadline;
  }

  async #note(change: Pick<RowTrial, 'inHand'>): Promise<void> {
    this.#trial = { ...this.#trial, ...change };
    await this.#runtime.ports.batches.putTrial(this.#given.state, this.#trial);
  }

  /** The next start, with other code perhaps, begins the trial anew. */
  async #refuseMany(): Promise<void> {
    const { size } = givenUpIn(this.#trial);
    if (size <= mostGivenUp) return;
    await this.#runtime.ports.batches.putTrial(this.#given.state, newTrial);
    throw new SluiceError(
      'TooManyCrashes',
      `user code ended the reducer of key group ${this.#given.state.keyGroup} with ${size} rows of batch ` +
        `${this.#given.state.batchId}; more than ${mostGivenUp} are no fault of rows`,
    );
  }
}

const untilOf = (trial: RowTrial): { readonly until?: number } => {
  const until = nextTryAt(trial);
  return until === undefined ? {} : { until };
};

const whyNot = ({ deaths }: RowTrial): string => `row ${deaths.at(-1)?.index}: ${deaths.at(-1)?.message}`;

const crashed = ({ message, times }: RowDeaths): EvaluatedRow => ({
  kind: 'refused',
  reason: 'crashed-reducer',
  message: `user code has ended its reducer ${times.length} times: ${message}`,
});
