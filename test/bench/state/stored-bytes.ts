/** What lies in the table and in the bucket, at every moment: by all that was written and deleted. What expires is left out. */
import { bytesOf, type StoredItem } from '../../simulation/services/dynamodb/attribute.ts';

export class StoredBytes {
  /** Of states of key groups, with what belonged to states and is garbage by now. */
  state = 0;
  all = 0;

  item(isOfState: boolean, before: StoredItem | undefined, after: StoredItem | undefined): void {
    this.#add(isOfState, keptBytes(after) - keptBytes(before));
  }

  object(isOfState: boolean, before: number, after: number): void {
    this.#add(isOfState, after - before);
  }

  #add(isOfState: boolean, bytes: number): void {
    this.all += bytes;
    if (isOfState) this.state += bytes;
  }
}

const keptBytes = (item: StoredItem | undefined): number =>
  item === undefined || item.expires !== undefined ? 0 : bytesOf(item);
