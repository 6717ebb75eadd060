/** What is noted of calls with stored rows where a reducer has died: beside the state, with what its rows did. */
import { type CallTrial, type CallTrials, newCallTrial, tooManyIn } from '../../core/call-trial.ts';
import { SluiceError } from '../../core/errors.ts';
import type { RowTrial } from '../../core/row-trial.ts';
import type { RowStore } from '../../ports/row-store.ts';
import type { StateName } from '../../ports/state-store.ts';

export class NotedCalls {
  readonly #rows: Pick<RowStore, 'putTrial'>;
  readonly #state: StateName;
  #trial: RowTrial;
  #last: Promise<void> = Promise.resolve();

  constructor(rows: Pick<RowStore, 'putTrial'>, state: StateName, trial: RowTrial) {
    this.#rows = rows;
    this.#state = state;
    this.#trial = trial;
  }

  get all(): CallTrials {
    return this.#trial.calls ?? {};
  }

  of(output: string): CallTrial {
    return this.all[output] ?? newCallTrial;
  }

  async note(output: string, change: Partial<CallTrial>): Promise<void> {
    const calls = { ...this.all, [output]: { ...this.of(output), ...change } };
    this.#trial = { ...this.#trial, calls };
    await this.#rows.putTrial(this.#state, this.#trial);
  }

  /** One after the other: a process that dies has one call in hand. */
  inTurn(send: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(send);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** More are no fault of rows: no more is given up, and the next start begins anew. */
  async refuseMany(): Promise<void> {
    const tooMany = tooManyIn(this.all);
    if (tooMany === undefined) return;
    const { output, anew } = tooMany;
    await this.note(output, anew);
    const { batchId, keyGroup } = this.#state;
    throw new SluiceError(
      'TooManyCrashes',
      `output ${output}: the function has ended the reducer of key group ${keyGroup} with ${anew.excused + 1} rows of batch ${batchId}, ` +
        'each of them alone: that is the code, or its memory',
    );
  }
}
