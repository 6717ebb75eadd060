/** An output that has several records in one of the stream: what a reader makes of it, and what must hold of each record. */
import { deaggregate } from '../../../functions/core/aggregated-record.ts';
import { hashKeyOf } from '../../../functions/core/hash-key.ts';
import type { Report } from '../checks/violation.ts';
import type { Random } from '../random.ts';
import { md5 } from './digest.ts';
import type { Scenario } from './scenario.ts';

export function drawAggregatedOutput(
  random: Random,
  { kind, keys, windowMs, sinkRecordsASecond }: Scenario,
): Partial<Scenario> {
  // A narrow sink leaves packs of a bucket for later.
  const share = kind === 'map-only' ? 0.1 : sinkRecordsASecond === undefined ? 0.07 : 0.3;
  return keys > 0 && windowMs > 0 && random.chance(share) ? { aggregates: true } : {};
}

type Entry = { readonly PartitionKey: string; readonly ExplicitHashKey?: string; readonly Data: Uint8Array };

/** The records of one of the stream, as its reader has them; `report`: what is wrong with it. */
export function recordsWithin(entry: Entry, report: Report): readonly Entry[] {
  const read = readOf(entry);
  if (read.kind === 'corrupt') report('aggregate', `a record that nobody can read: ${read.reason}`);
  const parts = partsIn(read, entry);
  for (const part of parts) checkPart(part, entry, report);
  return parts;
}

/** What a reader finds in it. */
export const partsOf = (entry: Entry): readonly Entry[] => partsIn(readOf(entry), entry);

const readOf = ({ Data }: Entry) => deaggregate({ data: Data }, md5);

const partsIn = (read: ReturnType<typeof readOf>, entry: Entry): readonly Entry[] =>
  read.kind !== 'aggregated'
    ? [entry]
    : read.events.map(({ partitionKey, explicitHashKey, data }) => ({
        ...{ PartitionKey: partitionKey, Data: data },
        ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }),
      }));

/** Whatever a shard's range is: it has the part exactly if it has the record, and which it is follows from the key. */
function checkPart(part: Entry, entry: Entry, report: Report): void {
  const hashKey = part.ExplicitHashKey;
  if (hashKey === undefined || hashKey !== entry.ExplicitHashKey)
    report('aggregate', `a part under hash key ${hashKey}, in a record under ${entry.ExplicitHashKey}`);
  else if (BigInt(hashKey) >> 120n !== hashKeyOf(part.PartitionKey, md5) >> 120n)
    report('aggregate', `a record of key ${part.PartitionKey} under hash key ${hashKey}`);
}
