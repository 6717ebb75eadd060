/**
 * How much may be in memory at once, whoever reads: a page is reserved at the most it may bring before it is asked for,
 * and given back as it turns out and when it is done with.
 *
 * BUDGET-1 What is held never exceeds the budget; who comes first is served first.
 */
export type Reservation = {
  /** To what has really come, if that is less. */
  shrinkTo(bytes: number): void;
  release(): void;
};

export class ByteBudget {
  readonly #total: number;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #held = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get held(): number {
    return this.#held;
  }

  /** Resolves when there is room. More than the whole budget counts as the whole: it has to pass, alone. */
  async take(bytes: number): Promise<Reservation> {
    const asked = Math.min(bytes, this.#total);
    if (this.#waiting.length > 0 || !this.#hasRoom(asked)) {
      await new Promise<void>((start) => this.#waiting.push({ bytes: asked, start }));
    } else this.#held += asked;
    let left = asked;
    const shrinkTo = (size: number): void => {
      const less = Math.max(0, left - size);
      left -= less;
      this.#giveBack(less);
    };
    return { shrinkTo, release: () => shrinkTo(0) };
  }

  #hasRoom(bytes: number): boolean {
    return this.#held + bytes <= this.#total;
  }

  #giveBack(bytes: number): void {
    this.#held -= bytes;
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0]!.bytes)) {
      const next = this.#waiting.shift()!;
      // Counted here: until it goes on, others may ask.
      this.#held += next.bytes;
      next.start();
    }
  }
}
