/** What is kept of the events of a key until it is known which of them pass: the first of each time, as its JSON. */
import { NoJsonForm, refusePromise } from '../user-code/callback-failure.ts';
import type { AggregateFunction, ReadAggregate } from './aggregate-function.ts';
import { keeping } from './by-rank.ts';
import { type Held, written } from './held-value.ts';

/** Of the JSON of one event: more than a record of Kinesis has, unless it was compressed. */
export const maxPassedCharacters = 10_485_760;

const first: AggregateFunction = keeping('event', (difference) => difference < 0);

/** `step`: how it is named in messages. */
export function passedEvent(step: string): ReadAggregate {
  const selector = (event: unknown): Held => {
    refusePromise(event, step);
    try {
      const text = written(event);
      if (text.length <= maxPassedCharacters) return text;
      return { refused: `${text.length} characters of JSON are too many; ${maxPassedCharacters} are allowed` };
    } catch (error) {
      if (!(error instanceof NoJsonForm)) throw error;
      return { refused: error.message };
    }
  };
  return { fn: first, selector };
}
