/** Ids and times of shards as differences: what they are told from, while they are gone through in their order. */

/** Stands for what a shard does not have. */
export const none = '';

/** `shardId-000000000012` */
const idPrefix = 'shardId-';
const idDigits = 12;
const isNumberedId = /^shardId-\d{12}$/;
const idOf = (number: number): string => idPrefix + String(number).padStart(idDigits, '0');

/** What the numbers of a shard are told from: the shard before it, and the time up to which it was read. */
export class Anchor {
  #number = 0;
  #time = 0;

  numberOf(shardId: string): { readonly step: number } | undefined {
    if (!isNumberedId.test(shardId)) return undefined;
    const number = Number(shardId.slice(idPrefix.length));
    const step = number - this.#number;
    this.#number = number;
    return { step };
  }

  idAt(step: number): string {
    this.#number += step;
    return idOf(this.#number);
  }

  away(shardId: string): number | string {
    return isNumberedId.test(shardId) ? this.#number - Number(shardId.slice(idPrefix.length)) : shardId;
  }

  fromAway(saved: unknown): string {
    return typeof saved === 'number' ? idOf(this.#number - saved) : (saved as string);
  }

  /** The times behind it are told from this one. */
  step(value: unknown): unknown {
    const saved = this.time(value);
    if (typeof saved === 'number') this.#time = value as number;
    return saved;
  }

  fromStep(saved: unknown): unknown {
    const value = this.fromTime(saved);
    if (typeof saved === 'number') this.#time = value as number;
    return value;
  }

  /** Kinesis makes numbers of when a shard was opened, a count, the time of the record in seconds, and the shard: the last two, as they may be. */
  expectedNumber(): bigint {
    return (BigInt(Math.floor(this.#time / 1_000)) << 36n) + (BigInt(this.#number) << 4n);
  }

  /** Of anything: what is no whole number stays what it is, in a list where it could be taken for something else. */
  time(value: unknown): unknown {
    if (value === undefined) return none;
    if (typeof value === 'number') {
      const away = value - this.#time;
      return Number.isSafeInteger(value) && Number.isSafeInteger(away) ? away : [value];
    }
    return value === none || Array.isArray(value) ? [value] : value;
  }

  fromTime(saved: unknown): unknown {
    if (saved === none || saved === undefined) return undefined;
    if (typeof saved === 'number') return saved + this.#time;
    return Array.isArray(saved) ? saved[0] : saved;
  }
}

/** Each told from the one before it. */
export type SavedIds = readonly (number | string)[];

export function toSavedIds(shardIds: readonly string[]): SavedIds {
  const anchor = new Anchor();
  return shardIds.map((shardId) => anchor.numberOf(shardId)?.step ?? shardId);
}

export function fromSavedIds(saved: SavedIds): readonly string[] {
  const anchor = new Anchor();
  return saved.map((id) => (typeof id === 'number' ? anchor.idAt(id) : id));
}
