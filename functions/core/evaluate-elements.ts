/**
 * The elements that `flatMap` makes of one event: each through the operations behind it, one after the other.
 *
 * ELEMENT-1 An event has one fate. Where an element fails, or there are too many, all of it is a dead letter, and whoever has taken
 *    some of its elements drops them.
 * ELEMENT-2 Elements are taken as they are made, in the order given, and each comes to its end before the next one is asked for.
 * ELEMENT-3 An event of which no element comes through is filtered. Its time is the latest of its elements'.
 */
import type { EventMeta } from '../pipeline/callback.ts';
import type { Operation } from '../pipeline/pipeline.ts';
import { failureOf } from '../user-code/callback-failure.ts';
import { ElementCount, elementsOf } from '../user-code/elements.ts';
import { die, type Evaluation, type OneToOne, runOperation } from './run-operation.ts';

/** `at`: its place among those that have come through. It may die there, with its event. */
export type TakeElement = (element: Evaluation, at: number) => void;

export const nothing: TakeElement = () => {};

type Around = { readonly meta: EventMeta; readonly arrival: number; readonly take: TakeElement };

/** As an operation does: what comes of it is said by the evaluation. */
export function evaluateElements(operations: readonly Operation[], evaluation: Evaluation, around: Around): void {
  const walk = new Walk(operations, around);
  try {
    walk.through(0, evaluation);
  } catch (error) {
    const { reason, message } = failureOf(error);
    die(evaluation, reason, walk.where + message);
  }
  if (walk.died !== undefined) die(evaluation, walk.died.reason, walk.where + walk.died.message);
  if (evaluation.verdict === 'passed' && walk.taken === 0) evaluation.verdict = 'filtered';
  evaluation.eventTime = walk.eventTime;
}

type FlatMap = Exclude<Operation, OneToOne>;

class Walk {
  readonly #operations: readonly Operation[];
  readonly #around: Around;
  readonly #counts: ReadonlyMap<Operation, ElementCount>;
  taken = 0;
  eventTime: number | undefined;
  died: Evaluation | undefined;
  /** The element in hand, for messages; empty: the event itself is. */
  where = '';

  constructor(operations: readonly Operation[], around: Around) {
    this.#operations = operations;
    this.#around = around;
    this.#counts = new Map(
      operations.flatMap((operation) =>
        operation.kind === 'flatMap' ? [[operation, new ElementCount('flatMap', operation.maxElements)]] : [],
      ),
    );
  }

  /** From this operation on. */
  through(from: number, element: Evaluation): void {
    const { meta, arrival, take } = this.#around;
    for (let at = from; at < this.#operations.length; at++) {
      const operation = this.#operations[at]!;
      if (operation.kind === 'flatMap') {
        this.#flatten(operation, at, element);
        return;
      }
      if (!runOperation(operation, element, meta, arrival)) {
        this.#end(element);
        return;
      }
    }
    take(element, this.taken);
    this.taken += 1;
    this.#end(element);
  }

  #flatten(operation: FlatMap, at: number, element: Evaluation): void {
    const outside = this.where;
    const count = this.#counts.get(operation)!;
    for (const value of elementsOf(operation.mapper(element.value as never, this.#around.meta), 'flatMap')) {
      count.took(value);
      this.where = `element ${count.made - 1}: `;
      this.through(at + 1, { ...element, value });
      if (this.died !== undefined) return;
      // What makes the next one is not it.
      this.where = outside;
    }
    this.#end(element);
  }

  #end(element: Evaluation): void {
    if (element.verdict === 'dead') this.died ??= element;
    else if (element.eventTime !== undefined)
      this.eventTime = Math.max(this.eventTime ?? element.eventTime, element.eventTime);
  }
}
