/**
 * Numbers counted in buckets whose bounds grow by a fixed ratio: the DDSketch (C. Masson, J. E. Rim, H. K. Lee, 2019), which
 * tells any of them, in their order, with a bounded relative error.
 *
 * BUCKET-1 It is the same whatever order numbers came in and parts were merged in: a bucket is a count. Of parts that were
 *    cut, the whole is cut at least as far.
 * BUCKET-2 A number is told within the relative error, but for those that count as zero: what is less than 10^-15 of the
 *    greatest magnitude, or no normal double. So there are at most `mostBuckets` buckets on each side of zero.
 */
export type SavedRelativeSketch = readonly [
  least: number,
  greatest: number,
  zeros: number,
  /** The first bucket's place and count, and of each one after it how far it is from the one before, and its count. */
  negative: readonly number[],
  positive: readonly number[],
];

export class RelativeSketch {
  readonly #logRatio: number;
  /** What a bucket stands for, by its lower bound. */
  readonly #middle: number;
  readonly #mostBuckets: number;
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;
  #zeros = 0;
  #highest = Number.NEGATIVE_INFINITY;
  /** Counts by bucket, of which the bounds of larger ones are further from zero. */
  readonly negative = new Map<number, number>();
  readonly positive = new Map<number, number>();

  constructor(error: number) {
    this.#logRatio = Math.log1p((2 * error) / (1 - error));
    this.#middle = 1 + error;
    this.#mostBuckets = mostBuckets(this.#logRatio);
  }

  add(value: number): void {
    this.#least = Math.min(this.#least, value);
    this.#greatest = Math.max(this.#greatest, value);
    const size = Math.abs(value);
    if (size < leastNormal) this.#zeros += 1;
    else this.#count(value < 0 ? this.negative : this.positive, Math.ceil(Math.log(size) / this.#logRatio), 1);
  }

  merge([least, greatest, zeros, negative, positive]: SavedRelativeSketch): void {
    if (zeros + negative.length + positive.length === 0) return;
    this.#least = Math.min(this.#least, least);
    this.#greatest = Math.max(this.#greatest, greatest);
    this.#zeros += zeros;
    for (const [side, buckets] of [
      [this.negative, negative],
      [this.positive, positive],
    ] as const) {
      for (let [at, bucket] = [0, 0]; at < buckets.length; at += 2) {
        bucket += buckets[at]!;
        this.#count(side, bucket, buckets[at + 1]!);
      }
    }
  }

  /** JSON has no infinity: of nothing both bounds are 0. */
  save(): SavedRelativeSketch {
    this.#cut();
    const isEmpty = this.#least > this.#greatest;
    const bounds = isEmpty ? ([0, 0] as const) : ([this.#least, this.#greatest] as const);
    return [...bounds, this.#zeros, savedBuckets(this.negative), savedBuckets(this.positive)];
  }

  /** For each share the least number that at least so many are not greater than; undefined: there is none. */
  at(shares: readonly number[]): number[] | undefined {
    this.#cut();
    const steps = this.#steps();
    const count = steps.reduce((sum, [, times]) => sum + times, 0);
    return count === 0 ? undefined : shares.map((share) => this.#at(rankOf(share, count), steps, count));
  }

  #at(rank: number, steps: readonly Step[], count: number): number {
    // These two are known.
    if (rank <= 1) return this.#least + 0;
    if (rank >= count) return this.#greatest + 0;
    let passed = 0;
    const found = steps.find(([, times]) => {
      passed += times;
      return passed >= rank;
    });
    return Math.min(this.#greatest, Math.max(this.#least, found![0])) + 0;
  }

  /** From the least number to the greatest, each with how often. */
  #steps(): Step[] {
    const middleOf = (bucket: number): number => Math.exp((bucket - 1) * this.#logRatio) * this.#middle;
    const ascending = (side: ReadonlyMap<number, number>): Step[] => [...side].sort(([one], [other]) => one - other);
    return [
      ...ascending(this.negative)
        .reverse()
        .map(([bucket, times]): Step => [-middleOf(bucket), times]),
      ...(this.#zeros > 0 ? [[0, this.#zeros] as Step] : []),
      ...ascending(this.positive).map(([bucket, times]): Step => [middleOf(bucket), times]),
    ];
  }

  #count(side: Map<number, number>, bucket: number, times: number): void {
    side.set(bucket, (side.get(bucket) ?? 0) + times);
    if (bucket > this.#highest) this.#highest = bucket;
    // Not at each number: until then there are at most twice as many.
    if (side.size > 2 * this.#mostBuckets) this.#cut();
  }

  #cut(): void {
    const lowest = this.#highest - this.#mostBuckets;
    for (const side of [this.negative, this.positive]) {
      for (const [bucket, times] of side) {
        if (bucket > lowest) continue;
        side.delete(bucket);
        this.#zeros += times;
      }
    }
  }
}

type Step = readonly [value: number, times: number];

/** 2^-1022. */
const leastNormal = 2.2250738585072014e-308;
/** As many as lie between the greatest magnitude and 10^-15 of it. */
const mostBuckets = (logRatio: number): number => Math.ceil((15 * Math.LN10) / logRatio);

/** From 1. Products such as 0.07 × 100 are a little too large. */
const rankOf = (share: number, count: number): number => Math.ceil(Number((share * count).toPrecision(14)));

function savedBuckets(side: ReadonlyMap<number, number>): number[] {
  let before = 0;
  return [...side]
    .sort(([one], [other]) => one - other)
    .flatMap(([bucket, times]) => {
      const step = bucket - before;
      before = bucket;
      return [step, times];
    });
}
