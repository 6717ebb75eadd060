/** A shard read page by page as the executor does, without its deliveries: each step counts as delivered unless told. */

import type { DeadLetter } from '../../functions/core/dead-letter.ts';
import type { PlannedShard } from '../../functions/core/model.ts';
import type { Effects, Undelivered } from '../../functions/core/read/effects.ts';
import { endRead } from '../../functions/core/read/end-read.ts';
import { endPage, remaining } from '../../functions/core/read/page-end.ts';
import { beginRead, type ReadState } from '../../functions/core/read/read-state.ts';
import { knowSent } from '../../functions/core/read/sent-so-far.ts';
import { ShardReader } from '../../functions/core/read/shard-reader.ts';
import type { Step } from '../../functions/core/read/step.ts';
import { applied, takeStep } from '../../functions/core/read/take-step.ts';
import type { TaskRead } from '../../functions/core/read/task-read.ts';
import type { Page, ReadUsage } from '../../functions/core/record.ts';
import type { PlaceRun } from '../../functions/core/sent-places.ts';
import type { ShardResult, StopReason } from '../../functions/core/shard-result.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';

/** What went out, of pipelines with one output. */
export type Taken = {
  readonly outputs: readonly OutputRecord[];
  readonly deadLetters: readonly DeadLetter[];
  /** To the output of letters. */
  readonly letters: readonly OutputRecord[];
};

const takenOf = ({ outputs, deadLetters, letterRecords }: Effects): Taken => ({
  outputs: outputs[0]?.records ?? [],
  deadLetters,
  letters: letterRecords.records,
});

export class ShardRead {
  readonly reader: ShardReader;
  state: ReadState;
  #step: { readonly step: Step; readonly page: Page } | undefined;

  constructor(task: TaskRead, shard: PlannedShard) {
    this.reader = new ShardReader(task, shard);
    this.state = beginRead(this.reader);
  }

  get counters() {
    this.delivered();
    return this.state.progress.counters;
  }

  get remaining(): number {
    this.delivered();
    return remaining(this.reader.task.pipeline, this.state);
  }

  knowSent(runs: readonly PlaceRun[]): void {
    const places = this.reader.destinations.map(({ to }) => ({ to, runs }));
    this.state = { ...this.state, sent: knowSent(this.state.sent, places) };
  }

  /** As an earlier try noted it of one output. */
  knowSentBy(output: number, runs: readonly PlaceRun[]): void {
    const { to } = this.reader.destinations[output]!;
    this.state = { ...this.state, sent: knowSent(this.state.sent, [{ to, runs }]) };
  }

  takeSome(
    page: Page,
    from: number,
    most?: number,
  ): { readonly taken: Taken; readonly effects: Effects; readonly next: number } {
    this.delivered();
    const step = takeStep(this.reader, this.state, page, from, most);
    this.#step = { step, page };
    return { taken: takenOf(step.effects), effects: step.effects, next: step.next };
  }

  delivered(missing?: Undelivered): void {
    if (this.#step !== undefined) this.state = applied(this.#step.step, this.#step.page, missing);
    this.#step = undefined;
  }

  take(page: Page, limit: number): { readonly taken: Taken; readonly stop: StopReason | undefined } {
    const steps: Taken[] = [];
    for (let at = 0; at < page.records.length; ) {
      const { taken, next } = this.takeSome(page, at);
      steps.push(taken);
      this.delivered();
      at = next;
    }
    const taken = {
      outputs: steps.flatMap(({ outputs }) => outputs),
      deadLetters: steps.flatMap(({ deadLetters }) => deadLetters),
      letters: steps.flatMap(({ letters }) => letters),
    };
    return { taken, stop: this.endPage(page, limit) };
  }

  endPage(page: Page, limit: number): StopReason | undefined {
    this.delivered();
    const { state, stop } = endPage(this.reader, this.state, page, limit);
    this.state = state;
    return stop;
  }

  result(stop: StopReason, usage?: ReadUsage): ShardResult {
    this.delivered();
    return endRead(this.reader, this.state, stop, { usage });
  }
}
