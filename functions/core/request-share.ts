/**
 * How much of a full request is asked for: the sink says by its refusals what it takes, and nobody knows who else writes.
 *
 * SHARE-1 Halved by a request in which something was refused, and only by one that was as large as it is now: requests that
 *    were under way side by side count once. A request without an answer, or with one that took long, counts as one in
 *    which something was refused.
 * SHARE-2 A quarter more after each that was taken whole, up to a full one.
 */
const least = 1 / 64;

export class RequestShare {
  #share = 1;

  get share(): number {
    return this.#share;
  }

  /** `asked`: the share that the request was made with; `fits`: all of it was taken, and soon. */
  tell(asked: number, fits: boolean): void {
    if (fits) this.#share = Math.min(1, this.#share * 1.25);
    else if (asked >= this.#share) this.#share = Math.max(least, asked / 2);
  }
}
