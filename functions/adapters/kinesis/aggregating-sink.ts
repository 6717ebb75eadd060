/**
 * A stream that is given several records in one: `packByHash` says which.
 *
 * PACKSINK-1 Of a bucket there is one record in a request, and it is acknowledged before the next one is sent: so of what is open of an outbox the records
 *    of a bucket are its last ones, whenever somebody stops, and whoever goes on makes the same packs of them (HASHPACK-3).
 * PACKSINK-2 A pack is acknowledged whole or not at all: what is told is told of each record in it.
 */
import { createHash } from 'node:crypto';
import { packByHash } from '../../core/pack-by-hash.ts';
import type { OutputRecord, OutputSink } from '../../sinks/output-sink.ts';

/** Of an outbox, so many steps are packed together: always the same ones, so that packs are, too. */
const stepsAtOnce = 8;

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

/** Packs of one bucket have one hash key, and what is alone has it, too: the lane in which one goes behind the other. */
export const laneOfBucket = ({ explicitHashKey = '' }: OutputRecord): string => explicitHashKey;

/** `sink`: it keeps the order of lanes. */
export function aggregatingSink(sink: OutputSink): OutputSink {
  return {
    ...sink,
    stepsAtOnce,
    async send(records, deadline) {
      const packs = packByHash(records, md5);
      const undelivered = await sink.send(
        packs.map(({ record }) => record),
        deadline,
      );
      if (undelivered === undefined) return undefined;
      const places = undelivered.places.flatMap((place) => packs[place]!.places);
      return { ...undelivered, places: places.toSorted((one, other) => one - other) };
    },
  };
}
