/** What became of a request to a sink that is no stream: its answer may say something else, or nothing. */
import type { Random } from '../../random.ts';

export type DeliveryParts = {
  readonly now: () => number;
  readonly random: Random;
  /** Until then answers may be odd. */
  readonly oddUntil: number;
  /** Of answers. */
  readonly oddShare: number;
  /** What goes through in a second; undefined: everything. */
  readonly recordsASecond: number | undefined;
};

export type DeliveredEntry = {
  readonly entry: { readonly PartitionKey: string | undefined; readonly Data: Uint8Array };
  readonly isTaken: boolean;
};

export type Delivered = {
  readonly output: object;
  readonly entries: readonly DeliveredEntry[];
  /** The service itself took so long. */
  readonly tookMs?: number;
  /** Who asked can't know that something was taken. */
  readonly mayRepeat?: boolean;
};

export type DeliveryService = {
  /** Throws a `ServiceError` where it does nothing. `refusedShare`: of the records, each by itself. */
  take(operation: string, input: unknown, refusedShare: number): Delivered;
};
