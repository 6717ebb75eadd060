/** What whoever reads an output sees after a crash: docs/guides/exactly-once-by-sink.md in a line each. */
import type { Output } from '../../functions/pipeline/pipeline.ts';
import { fieldOf, type RecordIdentity } from '../../functions/sinks/record-identity.ts';

const atLeastOnce = 'at least once';

const bySink: Readonly<Record<string, string>> = {
  dynamodb: 'exactly once: an item is written if its version is newer',
  s3: 'exactly once: a file is put if it is not there',
  forEachBatch: `${atLeastOnce}, in the same calls: once with a transaction that remembers the id`,
  console: 'for this machine, without identities',
  file: 'for this machine, without identities',
};

export function guaranteeText({ sink, sent }: Pick<Output, 'sink' | 'sent'>): string {
  const { kind, options } = sink;
  const known = bySink[kind.kind];
  if (known !== undefined) return known;
  const field = fieldOf(options as RecordIdentity);
  const early = sent === 'while-reading' ? '; a try that dies may have sent some of its events' : '';
  return field === undefined
    ? `${atLeastOnce}, without identities: nobody can tell a repeat${early}`
    : `${atLeastOnce}: a repeat has the same identity in ${field}, by which a reader drops it${early}`;
}
