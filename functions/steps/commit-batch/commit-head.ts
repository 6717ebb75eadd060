/**
 * The one write that makes a batch the truth, with what is detached behind it. A command may change what is detached at any moment: it is
 * looked at again then, and the commit is tried once more.
 */
import { detachedAfter, oldestKeptBatch, type RowsByOutput } from '../../core/detached.ts';
import { isUnfinished } from '../../core/head.ts';
import type { Head, SealedBatch } from '../../core/model.ts';
import type { Commit, HeadUpdate } from '../../ports/head-store.ts';
import type { CommitRuntime } from './commit-runtime.ts';

/** People are no faster. */
const mostTries = 5;

type Committing = {
  readonly body: SealedBatch;
  readonly reduced: { readonly kept?: RowsByOutput | undefined; readonly resent?: RowsByOutput | undefined };
  readonly commit: Commit;
};

export async function commitHead(runtime: CommitRuntime, seen: Head, committing: Committing): Promise<HeadUpdate> {
  const { body, reduced, commit } = committing;
  const { epoch, owner } = commit;
  let head = seen;
  for (let attempt = 1; ; attempt++) {
    const after = detachedAfter(head, body, reduced);
    const committed = await runtime.ports.head.commit({
      ...commit,
      // S5: what was purged stays so, also where more is retained from now on.
      oldestRetainedBatch: Math.max(
        head.oldestRetainedBatch,
        Math.min(commit.oldestRetainedBatch, oldestOf(head, after)),
      ),
      ...(head.detached === undefined ? {} : { detached: { seen: head.detached, after } }),
    });
    if (committed.kind === 'updated') {
      tellDetached(runtime, committed.head);
      return committed;
    }
    const now = committed.head;
    const isMine = now?.epoch === epoch && now.holder?.owner === owner && isUnfinished(now, commit);
    if (!isMine || attempt === mostTries) return committed;
    head = now;
  }
}

/** What a batch has sent again stays for one more: a try of it that comes late finds it. */
const oldestOf = (head: Head, after: Head['detached']): number =>
  Math.min(oldestKeptBatch(head), oldestKeptBatch(after === undefined ? {} : { detached: after }));

function tellDetached({ log }: CommitRuntime, { detached = {}, committed }: Head): void {
  for (const [output, { attach, since, next, kept }] of Object.entries(detached)) {
    const told = { output, since, rows: kept, batches: (committed?.batchId ?? 0) - next + 1 };
    if (attach === undefined) log.warn('output is detached', told);
    else log.info('output is being attached', told);
  }
}
