/** A shard while it is read: the one place where its state is assigned. */

import type { PlannedShard } from '../../core/model.ts';
import { beginRead, hasTaken, type ReadState } from '../../core/read/read-state.ts';
import { knowSent, sentPlacesOf } from '../../core/read/sent-so-far.ts';
import { ShardReader } from '../../core/read/shard-reader.ts';
import type { TaskRead } from '../../core/read/task-read.ts';
import type { SentPlaces } from '../../core/sent-places.ts';
import type { Missing } from './deliver.ts';

export class OpenShard {
  readonly reader: ShardReader;
  state: ReadState;
  /** When its last subscription began. */
  subscribedAt: number | undefined;
  /** What an output, or the table, did not take: the read ended with that. */
  undelivered: Pick<Missing, 'error' | 'output'> | undefined;

  constructor(task: TaskRead, shard: PlannedShard) {
    this.reader = new ShardReader(task, shard);
    this.state = beginRead(this.reader);
  }

  get shardId(): string {
    return this.reader.shard.shardId;
  }

  get hasTaken(): boolean {
    return hasTaken(this.state);
  }

  get sentPlaces(): readonly SentPlaces[] {
    return sentPlacesOf(this.state.sent);
  }

  /** A page is done with, to its end or not: what is known of the shard holds none of its records. */
  letGo(): void {
    this.reader.letGo();
    this.state = { ...this.state, open: undefined };
  }

  /** Before the first step: what earlier tries had acknowledged is not sent again. */
  knowSent(places: readonly SentPlaces[]): void {
    this.state = { ...this.state, sent: knowSent(this.state.sent, places) };
  }
}
