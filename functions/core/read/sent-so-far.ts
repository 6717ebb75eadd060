/**
 * What the sink has acknowledged of a shard's events: before this read, in it, and in it beyond the first event that was
 * not. X5: what lies beyond the position is not sent again; it is counted when its turn comes.
 */
import type { PlannedShard } from '../model.ts';
import { maxRunsOfShard } from '../sent-note.ts';
import { type PlaceRun, RunBuilder, unionOfRuns } from '../sent-places.ts';
import type { Undelivered } from './effects.ts';
import { type Entry, none } from './progress.ts';

export type SentSoFar = {
  readonly before: readonly PlaceRun[];
  /** In the order of the shard, as far as it is delivered. */
  readonly own: RunBuilder;
  readonly ahead: readonly PlaceRun[];
};

export const beforeSending = ({ sentAhead }: Pick<PlannedShard, 'sentAhead'>, destination: string): SentSoFar => ({
  before: sentAhead?.to === destination ? sentAhead.runs : [],
  own: new RunBuilder(maxRunsOfShard),
  ahead: [],
});

/** More that the sink has acknowledged, as an earlier try noted it. */
export const knowSent = (sent: SentSoFar, runs: readonly PlaceRun[]): SentSoFar =>
  runs.length === 0 ? sent : { ...sent, before: unionOfRuns(sent.before, runs) };

/** All that is known. Of a step that is under way nobody knows yet. */
export const sentRunsOf = ({ before, own, ahead }: SentSoFar): readonly PlaceRun[] =>
  unionOfRuns(before, own.runs, ahead);

/** After these were delivered, in the order of the shard. */
export function withDelivered(sent: SentSoFar, entries: readonly Entry[]): SentSoFar {
  const own = new RunBuilder(maxRunsOfShard, sent.own);
  for (const entry of entries) {
    if (isSent(entry)) own.sent(entry.record.sequenceNumber, entry.sub);
    else if (entry.outcome !== 'none') own.gap();
  }
  return { ...sent, own };
}

/** Of these, which begin with one that was not delivered, some were. */
export function sentAmong(entries: readonly Entry[], missing: Undelivered): readonly PlaceRun[] {
  const ahead = new RunBuilder();
  for (const entry of entries) {
    if (isSent(entry) && !isMissing(entry, missing)) ahead.sent(entry.record.sequenceNumber, entry.sub);
    else ahead.gap();
  }
  return ahead.runs;
}

const isSent = ({ output, sendsLetter }: Entry): boolean => output !== none || sendsLetter;

/** What of it went out is not acknowledged. A letter that is not in the table is as one that was not sent. */
function isMissing({ output, letter, sendsLetter }: Entry, missing: Undelivered): boolean {
  return (output !== none && missing.outputs.has(output)) || (sendsLetter && missing.letters.has(letter));
}
