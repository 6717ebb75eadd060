/**
 * The stored rows of an output whose sink asks for parts, part by part. Where a reducer has died in the batch, what is in hand is noted
 * before each call (DEADLY-1 to DEADLY-3).
 */
import { type CallTrial, callsOf, mayCallAt, newCallTrial } from '../../core/call-trial.ts';
import { letterOfCall, rowOfCall } from '../../core/letter-of-call.ts';
import { recordsOf } from '../../core/outbox.ts';
import { type Part, partsLeft, partsOf, type Range } from '../../core/parts-of-outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import type { Output } from '../../pipeline/pipeline.ts';
import type { OutputRecord, PartOfBatch } from '../../sinks/output-sink.ts';
import type { NotedCalls } from './noted-calls.ts';
import type { StepReader } from './outbox-reader.ts';
import type { OutputProgress } from './output-progress.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

export type PartsToSend = {
  readonly output: Output;
  readonly state: KeyGroupState;
  readonly outbox: StepReader;
  readonly deadline: number;
  /** Undefined: nobody has died in this batch, and nothing is noted. */
  readonly calls: NotedCalls | undefined;
};

export async function sendParts(runtime: ReduceRuntime, progress: OutputProgress, given: PartsToSend): Promise<void> {
  const sending = new Sending(runtime, progress, given);
  try {
    await sending.run();
  } finally {
    await sending.close();
  }
}

class Sending {
  readonly #runtime: ReduceRuntime;
  readonly #progress: OutputProgress;
  readonly #given: PartsToSend;
  readonly #parts: readonly Part[];
  #longestMs = 0;

  constructor(runtime: ReduceRuntime, progress: OutputProgress, given: PartsToSend) {
    this.#runtime = runtime;
    this.#progress = progress;
    this.#given = given;
    this.#parts = partsOf(given.state, given.output.id);
  }

  async run(): Promise<void> {
    const { outbox, output } = this.#given;
    this.#cameTo(this.#trial?.taken ?? 0);
    for (const part of partsLeft(this.#parts, this.#progress.sent.count)) {
      const records = recordsOf(await outbox.step(part.step), output.id);
      for (const call of callsOf(this.#trial ?? newCallTrial, part)) {
        const why = this.#mayNot(call) ?? (await this.#take(part, call, records));
        if (why !== undefined) {
          this.#progress.why = why;
          return;
        }
        this.#cameTo(call.upTo);
      }
    }
  }

  /** What comes later finds nothing in hand. */
  async close(): Promise<void> {
    if (this.#trial !== undefined && this.#trial.inHand !== null)
      await this.#note({ inHand: null, taken: this.#progress.sent.count });
  }

  /** Undefined: nobody has died. */
  get #trial(): CallTrial | undefined {
    return this.#given.calls?.of(this.#given.output.id);
  }

  #cameTo(count: number): void {
    if (count > this.#progress.sent.count) this.#progress.sent = { count, ahead: [] };
  }

  #mayNot(call: Range): string | undefined {
    const now = this.#runtime.ports.clock.now();
    const until = this.#trial && mayCallAt(this.#trial, call, now);
    if (until !== undefined) {
      this.#progress.until = until;
      return 'the function has ended its reducer, and is called again after a minute';
    }
    // One that would be cut off is the next round's, which has more time for it.
    return now + this.#longestMs >= this.#given.deadline ? `${this.#left} records are left` : undefined;
  }

  get #left(): number {
    return this.#progress.length - this.#progress.sent.count;
  }

  /** Undefined: the rows are taken. */
  async #take(part: Part, call: Range, ofStep: readonly OutputRecord[]): Promise<undefined> {
    const { clock, sink } = this.#runtime.ports;
    const { output, deadline } = this.#given;
    const records = ofStep.slice(call.from - part.begin, call.upTo - part.begin);
    if (this.#trial?.givenUp.includes(call.from) === true && records.length === 1)
      return this.#giveUp(call.from, records[0]!);
    await this.#note({ inHand: { from: call.from, upTo: call.upTo }, taken: call.from });
    const beganAt = clock.now();
    const undelivered = await sink(output.id).send(records, deadline, this.#partOf(part, call));
    this.#longestMs = Math.max(this.#longestMs, clock.now() - beganAt);
    if (undelivered !== undefined) throw undelivered.error;
    return undefined;
  }

  #partOf({ part, from, upTo }: Part, call: Range): PartOfBatch {
    const { output, state } = this.#given;
    const { generation, batchId, ref, keyGroup } = state;
    const { apart } = this.#trial ?? newCallTrial;
    return {
      ...{ pipeline: this.#runtime.pipeline.name, output: output.id, generation, batchId, ref, keyGroup },
      ...{ part, parts: this.#parts.length },
      ...(apart?.from === from && apart.upTo === upTo ? { alone: call.from - from } : {}),
    };
  }

  async #note(change: Partial<CallTrial>): Promise<void> {
    await this.#given.calls?.note(this.#given.output.id, change);
  }

  /** Into the table. To the output of dead letters it goes when all others have theirs (GIVEN-UP-1). */
  async #giveUp(place: number, record: OutputRecord): Promise<undefined> {
    const { output, state, deadline } = this.#given;
    const unstored = await this.#runtime.ports.deadLetters.put([letterOfCall(state, output, place, record)], deadline);
    if (unstored !== undefined) throw unstored.error;
    const { rows } = this.#trial ?? newCallTrial;
    await this.#note({ rows: { ...rows, [place]: rowOfCall(output, record) } });
    return undefined;
  }
}
