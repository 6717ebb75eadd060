/**
 * What each output has acknowledged of a shard's events: before this read, in it, and in it beyond the first event that was
 * not by all. X5: what lies beyond the position is not sent again to who has it; it is counted when its turn comes.
 */
import { letterOutput } from '../../pipeline/side-outputs.ts';
import type { PlannedShard } from '../model.ts';
import { maxRunsOfShard } from '../sent-note.ts';
import { type PlaceRun, RunBuilder, runsTo, type SentPlaces, toldPlaces, unionOfRuns } from '../sent-places.ts';
import type { Undelivered } from './effects.ts';
import { type Entry, none } from './entry.ts';
import { type Held, SentRun } from './sent-run.ts';

/** An output, and the place it goes to. */
export type Destination = { readonly id: string; readonly to: string };

type SentOfOutput = Destination & {
  readonly before: readonly PlaceRun[];
  /** In the order of the shard, as far as it is delivered. */
  readonly own: RunBuilder;
  readonly ahead: readonly PlaceRun[];
};
/** Of each output, in their order. */
export type SentSoFar = readonly SentOfOutput[];

export const beforeSending = (
  { sentAhead }: Pick<PlannedShard, 'sentAhead'>,
  destinations: readonly Destination[],
): SentSoFar =>
  destinations.map(({ id, to }) => ({
    ...{ id, to, before: runsTo(to, sentAhead) },
    ...{ own: new RunBuilder(maxRunsOfShard), ahead: [] },
  }));

/** More that outputs have acknowledged, as an earlier try noted it. */
export const knowSent = (sent: SentSoFar, places: readonly SentPlaces[]): SentSoFar =>
  sent.map((one) => ({ ...one, before: unionOfRuns(one.before, runsTo(one.to, places)) }));

/** All that is known. Of a step that is under way nobody knows yet. */
export const sentPlacesOf = (sent: SentSoFar): readonly SentPlaces[] =>
  toldPlaces(sent.map(({ to, before, own, ahead }) => ({ to, runs: unionOfRuns(before, own.runs, ahead) })));

/** After these were delivered, in the order of the shard. */
export const withDelivered = (sent: SentSoFar, held: readonly Held[]): SentSoFar =>
  sent.map((one) => {
    const own = new RunBuilder(maxRunsOfShard, one.own);
    for (const each of held) {
      if (each instanceof SentRun) {
        each.tell(own, one.id);
        continue;
      }
      const { outcome, takers, record, sub } = each;
      if (takers.includes(one.id)) own.sent(record.sequenceNumber, sub);
      else if (outcome !== 'none') own.gap();
    }
    return { ...one, own };
  });

/** Of these, which begin with one that was not delivered to all, some were delivered to some. */
export const withAhead = (sent: SentSoFar, entries: readonly Entry[], missing: Undelivered): SentSoFar =>
  sent.map((one) => {
    const ahead = new RunBuilder();
    for (const entry of entries) {
      const { takers, record, sub } = entry;
      if (takers.includes(one.id) && !isMissing(entry, one.id, missing)) ahead.sent(record.sequenceNumber, sub);
      else ahead.gap();
    }
    return { ...one, ahead: ahead.runs };
  });

/** What of it went to this output is not acknowledged. A letter that is not in the table is as one that was not sent. */
function isMissing({ output, letter }: Entry, id: string, { outputs, letters }: Undelivered): boolean {
  if (id === letterOutput) return letters.has(letter);
  return output !== none && outputs.get(id)?.has(output) === true;
}
