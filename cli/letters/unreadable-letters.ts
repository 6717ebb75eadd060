/** Dead letters that were met and can't be read: how many, and which the first ones are. The others are worth listing without them. */
import type { UnreadableLetter } from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { SluiceError, type SluiceErrorName } from '../../functions/core/errors.ts';
import { oneLine } from '../../local/report/letter-text.ts';

const mostExamples = 3;
/** Of a large payload a part may have expired before the letter itself. */
const ofOneLetter: ReadonlySet<string> = new Set<SluiceErrorName>(['UnknownFormat', 'MissingItem']);

export class UnreadableLetters {
  #count = 0;
  readonly #examples: string[] = [];

  readonly add = ({ why }: Pick<UnreadableLetter, 'why'>): void => {
    this.#count += 1;
    if (this.#examples.length < mostExamples) this.#examples.push(oneLine(why));
  };

  /** @throws what is about more than one letter */
  addOf(error: unknown): undefined {
    if (!(error instanceof SluiceError) || !ofOneLetter.has(error.name)) throw error;
    this.add({ why: error.message });
  }

  get count(): number {
    return this.#count;
  }

  /** As what is left where it is. */
  get left(): { readonly unreadable?: number } {
    return this.#count > 0 ? { unreadable: this.#count } : {};
  }

  /** What JSON says of them. */
  get told(): { readonly count: number; readonly examples: readonly string[] } {
    return { count: this.#count, examples: this.#examples };
  }

  /** A line for all of them and one for each example; nothing if there are none. `what`: what becomes of them. */
  lines(what: string): readonly string[] {
    if (this.#count === 0) return [];
    const subject = this.#count === 1 ? '1 dead letter' : `${this.#count.toLocaleString('en')} dead letters`;
    return [`${subject} can't be read${what}, for example:`, ...this.#examples.map((why) => `  ${why}`)];
  }
}
