/**
 * Room in memory for the events of a subscription. Kinesis sends an event whenever it has one, of up to 10 MiB of data and
 * half as much again as text: its first four bytes say how long it is, and the others stay in the connection until there
 * is room for all of them.
 *
 * ROOM-1 Of what is larger than a connection holds by itself, nothing is in memory without its reservation.
 */
import type { SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import type { Reservation } from '../../concurrency/byte-budget.ts';

export type TakeRoom = (bytes: number) => Promise<Reservation>;

/** What a connection holds of an answer that nobody reads: so much is there before anybody could ask for room. */
const heldByConnection = 65_536;
const lengthBytes = 4;

export class EventRoom {
  readonly #takeRoom: TakeRoom;
  #held: Reservation | undefined;
  #isWaiting = false;
  #isClosed = false;

  constructor(takeRoom: TakeRoom) {
    this.#takeRoom = takeRoom;
  }

  /** Whether an event stands there for which no room has come free. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Has the answer of this command come in by messages, each when there is room for it. */
  watch(command: SubscribeToShardCommand): void {
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> };
        if (response.statusCode === 200) response.body = this.messagesOf(response.body);
        return result;
      },
      // Between the connection and who makes messages of its bytes.
      { step: 'deserialize', priority: 'low', name: 'sluiceEventRoom' },
    );
  }

  /** The same bytes, in pieces that never reach over the end of a message. */
  async *messagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let length: Uint8Array = new Uint8Array(0);
    let left = 0;
    for await (const chunk of body) {
      let rest = chunk;
      while (rest.length > 0) {
        if (left > 0) {
          const piece = rest.subarray(0, left);
          rest = rest.subarray(piece.length);
          left -= piece.length;
          yield piece;
          continue;
        }
        const missing = lengthBytes - length.length;
        length = Buffer.concat([length, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (length.length < lengthBytes) break;
        const bytes = Buffer.from(length).readUInt32BE();
        if (!(await this.#take(bytes))) return;
        left = Math.max(0, bytes - lengthBytes);
        yield length;
        length = new Uint8Array(0);
      }
    }
    // Cut off: who reads it says so.
    if (length.length > 0) yield length;
  }

  /** The last event has become records of so many bytes. */
  shrinkTo(bytes: number): void {
    this.#held?.shrinkTo(bytes);
  }

  /** Nobody needs the last event any more. */
  release(): void {
    this.#held?.release();
    this.#held = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.release();
  }

  /** False if there is nobody any more who would read it. */
  async #take(bytes: number): Promise<boolean> {
    if (bytes <= heldByConnection) return !this.#isClosed;
    this.#isWaiting = true;
    const held = await this.#takeRoom(bytes);
    this.#isWaiting = false;
    if (this.#isClosed) held.release();
    else this.#held = held;
    return !this.#isClosed;
  }
}
