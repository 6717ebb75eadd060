/** What a shard takes and gives in a second; sizes in bytes, times in epoch milliseconds. */

const secondMs = 1000;
const callsASecond = 5;
const readBytesASecond = 2 * 1024 * 1024;
const recordsASecond = 1000;
const writtenBytesASecond = 1024 * 1024;

/** So many calls a second; five if nothing is said. */
export class CallLimit {
  readonly #calls: number[] = [];
  readonly #most: number;

  constructor(most = callsASecond) {
    this.#most = most;
  }

  /** Whether a call may be made now; one that may is counted. */
  take(now: number): boolean {
    while (this.#calls.length > 0 && this.#calls[0]! <= now - secondMs) this.#calls.shift();
    if (this.#calls.length >= this.#most) return false;
    this.#calls.push(now);
    return true;
  }
}

/** Five calls a second; what an answer has beyond 2 MiB has to be paid off before the next call. */
export class ReadLimit {
  readonly #calls = new CallLimit();
  #debt = 0;
  #debtAt = 0;
  #blockedUntil = 0;

  /** Whether a call may be made now; one that may is counted. */
  takeCall(now: number): boolean {
    return now >= this.#blockedUntil && this.#calls.take(now);
  }

  gave(bytes: number, now: number): void {
    const paid = ((now - this.#debtAt) / secondMs) * readBytesASecond;
    this.#debt = Math.max(0, this.#debt - paid) + bytes;
    this.#debtAt = now;
    if (this.#debt > readBytesASecond) this.#blockedUntil = now + (this.#debt / readBytesASecond) * secondMs;
  }
}

/**
 * A thousand records, if nothing else is said, and a MiB in each second by the clock. A record of more than a MiB comes in when nothing else did in
 * its second, and what it has beyond its MiB is paid off before the next one.
 */
export class WriteLimit {
  readonly #most: number;
  #second = 0;
  #records = 0;
  #bytes = 0;

  constructor(most = recordsASecond) {
    this.#most = most;
  }

  /** Whether a record of this size is taken now; one that is taken is counted. */
  take(bytes: number, now: number): boolean {
    const second = Math.floor(now / secondMs);
    if (second !== this.#second) {
      this.#bytes = Math.max(0, this.#bytes - (second - this.#second) * writtenBytesASecond);
      this.#second = second;
      this.#records = 0;
    }
    const isFull = this.#bytes > 0 && this.#bytes + bytes > writtenBytesASecond;
    if (this.#records >= this.#most || isFull) return false;
    this.#records += 1;
    this.#bytes += bytes;
    return true;
  }
}
