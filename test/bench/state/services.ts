/** DynamoDB and S3 in memory, as the simulation has them, and what is asked of them: by numbers as AWS bills them. */

import type { StorageParts } from '../../../functions/adapters/dynamodb/storage.ts';
import { Random } from '../../simulation/random.ts';
import { bytesOf } from '../../simulation/services/dynamodb/attribute.ts';
import { type Change, SimulatedDynamodb } from '../../simulation/services/dynamodb/simulated-dynamodb.ts';
import { type BucketOperation, MemoryBucket } from './memory-bucket.ts';
import type { Settings } from './settings.ts';
import { StoredBytes } from './stored-bytes.ts';

export const tableName = 'sluice';

export type ServiceName = 'dynamodb' | 's3';

/** Where large values lie, and how states are cut. Absent: as all are. */
export type StoreSettings = Pick<Settings, 'tableOnly'> & Pick<StorageParts, 'stateLimits' | 'leastObjectBytes'>;

/** So far. Bytes are those of items and objects, with their names and all that is beside the state in its item. */
export type Usage = {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly s3Puts: number;
  readonly s3Gets: number;
  /** Written for states of key groups. */
  readonly stateBytes: number;
  readonly requests: number;
};

export const nothingUsed: Usage = { writeUnits: 0, readUnits: 0, s3Puts: 0, s3Gets: 0, stateBytes: 0, requests: 0 };

export const difference = (now: Usage, before: Usage): Usage => ({
  writeUnits: now.writeUnits - before.writeUnits,
  readUnits: now.readUnits - before.readUnits,
  s3Puts: now.s3Puts - before.s3Puts,
  s3Gets: now.s3Gets - before.s3Gets,
  stateBytes: now.stateBytes - before.stateBytes,
  requests: now.requests - before.requests,
});

export class Services {
  readonly dynamodb: SimulatedDynamodb;
  readonly bucket: MemoryBucket;
  readonly stored = new StoredBytes();
  #s3Puts = 0;
  #s3Gets = 0;
  #stateBytes = 0;
  #requests = 0;
  #free = nothingUsed;

  constructor(now: () => number) {
    this.dynamodb = new SimulatedDynamodb({ now, random: new Random(1) });
    this.dynamodb.createTable(tableName);
    this.dynamodb.observe((change) => this.#stored(change));
    this.bucket = new MemoryBucket(now, (key, before, after) => {
      this.stored.object(isOfState(key), before, after);
      if (isOfState(key)) this.#stateBytes += after;
    });
  }

  get usage(): Usage {
    return difference(this.#all, this.#free);
  }

  /** Of who looks, and is no part of what is measured. */
  async uncounted<Seen>(look: () => Promise<Seen>): Promise<Seen> {
    const before = this.usage;
    const seen = await look();
    this.#free = difference(this.#all, before);
    return seen;
  }

  get #all(): Usage {
    const counted = { s3Puts: this.#s3Puts, s3Gets: this.#s3Gets, stateBytes: this.#stateBytes };
    return { ...this.dynamodb.billed, ...counted, requests: this.#requests };
  }

  execute(service: ServiceName, operation: string, input: unknown): object {
    this.#requests += 1;
    if (service === 'dynamodb') return this.dynamodb.execute(operation, input);
    return this.#askBucket(operation as BucketOperation, input);
  }

  /** A listing is billed as a put, deletes are not billed. */
  #askBucket(operation: BucketOperation, input: unknown): object {
    if (operation === 'PutObject' || operation === 'ListObjectsV2') this.#s3Puts += 1;
    if (operation === 'GetObject') this.#s3Gets += 1;
    return this.bucket.execute(operation, input);
  }

  #stored({ pk, sk, before, after }: Change): void {
    this.stored.item(isOfState(pk, sk), before, after);
    if (after !== undefined && isOfState(pk, sk)) this.#stateBytes += bytesOf(after);
  }
}

/** Not the notes beside a state. */
const isOfState = (place: string, name = ''): boolean =>
  /\/(state|segments)\//.test(place) && !/#(sent|refused|trial)$/.test(name);
