/**
 * Which dead letters count: a try that is never sealed leaves letters as well, of events that the next one judges anew. So each executor lists those of its
 * block, and the commit says which lists are the batch's. Requests to redrive letters lie beside them.
 */
import type { DeadLetter } from '../core/dead-letter.ts';
import type { BatchName, Origin } from '../core/model.ts';
import type { ShardName } from '../core/shard-name.ts';

export type LetterPlace = Pick<DeadLetter, keyof ShardName | 'sequenceNumber' | 'subSequenceNumber'>;

export type ListOfTask = BatchName & { readonly task: number; readonly nonce: string };

export type ListedPlaces = {
  /** Events that became dead letters. */
  readonly dead: readonly LetterPlace[];
  /** Letters whose events were read, with the size of their payloads. Of these, those that are dead again are also among the others. */
  readonly taken: readonly (LetterPlace & { readonly payloadBytes: number })[];
};

/** What a commit says of a batch that has lists, or was restored. */
export type ListedBatch = BatchName & {
  readonly tasks: readonly Pick<ListOfTask, 'task' | 'nonce'>[];
  readonly origin?: Origin;
};

/** What became of an event in a committed batch: `dead`, or `taken` from its letter. In the order of batches. */
export type LetterFact = {
  readonly place: LetterPlace;
  readonly fact: 'dead' | 'taken';
  readonly payloadBytes: number;
};

export type LetterLists = {
  /** First write wins: before the block that has the nonce. */
  putLists(of: ListOfTask, places: ListedPlaces): Promise<void>;
  /** First write wins: before the commit. */
  putBatch(batch: ListedBatch): Promise<void>;
  /** Those of a batch that was committed, and has been put. */
  factsOf(batch: ListedBatch): Promise<readonly LetterFact[]>;
  /** As long as letters are kept, in the order of batches; what no commit has named is not among them. */
  batches(): AsyncGenerator<{ readonly batch: ListedBatch; readonly facts: readonly LetterFact[] }>;
  /** Before the head names it. */
  putRequest(request: string, places: readonly LetterPlace[]): Promise<void>;
  /** From the first, inclusive, to the last, exclusive. */
  loadRequested(request: string, from: number, to: number): Promise<readonly LetterPlace[]>;
  /** Undefined: it is not there any more. */
  loadLetter(place: LetterPlace): Promise<DeadLetter | undefined>;
  /** Those that are not there are passed over. */
  deleteLetters(letters: readonly (LetterPlace & { readonly payloadBytes: number })[]): Promise<void>;
};
