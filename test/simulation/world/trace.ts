/** Everything that happened, line by line, as one hash: two runs of a seed must agree in every line. */
import { createHash } from 'node:crypto';

const flushAt = 200;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #now: () => number;
  readonly #onLine: ((line: string) => void) | undefined;
  #open: string[] = [];

  constructor(now: () => number, onLine: ((line: string) => void) | undefined) {
    this.#now = now;
    this.#onLine = onLine;
  }

  line(text: string): void {
    const line = `${this.#now()} ${text}`;
    this.#onLine?.(line);
    this.#open.push(line);
    if (this.#open.length >= flushAt) this.#flush();
  }

  /** Ends the trace. */
  hash(): string {
    this.#flush();
    return this.#hash.digest('hex').slice(0, 16);
  }

  #flush(): void {
    this.#hash.update(this.#open.join('\n'));
    this.#open = [];
  }
}
