/** What a pipeline has put into its sinks, in the order in which the stream took it: what the next one of a chain reads. */
import { partsOf } from './aggregated-output.ts';
import type { Request } from './calls.ts';

export type SentRecord = {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly partitionKey: string;
  /** By which repeats are found: the same of each copy, whichever try has sent it. */
  readonly name: string;
  readonly identity: Readonly<Record<string, unknown>>;
};

type Entry = { readonly Data: Uint8Array; readonly PartitionKey: string };

/** Of a request that was carried out: those that were taken. */
export function sentIn({ operation, input }: Request, output: object, at: number): readonly SentRecord[] {
  if (operation !== 'PutRecords') return [];
  const { Records } = input as { readonly Records: readonly Entry[] };
  const results = (output as { readonly Records: readonly { readonly SequenceNumber?: string }[] }).Records;
  const taken = Records.filter((_, place) => results[place]?.SequenceNumber !== undefined);
  return taken.flatMap(partsOf).flatMap(({ Data, PartitionKey }) => {
    const { _sluice: identity } = JSON.parse(Buffer.from(Data).toString());
    if (identity === undefined) return [];
    // Of an event each try says where it began.
    const { base: _, ...name } = identity;
    return [{ at, partitionKey: PartitionKey, name: JSON.stringify(name), identity }];
  });
}
