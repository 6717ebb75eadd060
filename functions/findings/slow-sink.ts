/** An output that takes little, or nothing: the batch is not committed before all have theirs. */
import type { ReduceTrouble } from '../core/trouble.ts';
import type { PipelineFacts } from './facts.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { count, type FailingShard, failingShards, lastTwo, reduceTroubleOf, span } from './recent.ts';

/** No key group has got on for so long: the batch fails. */
const longMs = 45_000;
const slowMs = 10_000;

export const slowSink: FindingKind = {
  kind: 'slow-sink',
  severities: ['warning', 'critical'],
  when: 'An output has not taken all of the batch that is to be committed, or was slow in the last two batches.',
  mend: 'Give what it writes to more capacity, or mend what its error says; the batch goes on by itself, and nothing is lost.',
  find(facts) {
    const trouble = reduceTroubleOf(facts);
    const now = [...(trouble === undefined ? [] : ofReduce(trouble, facts)), ...ofReads(facts)];
    const told = new Set(now.map(({ subject }) => subject));
    return [...now, ...ofReports(facts).filter(({ subject }) => !told.has(subject))];
  },
};

type Left = { left: number; groups: number; error: string | undefined; why: string | undefined };

function ofReduce({ batchId, since, groups }: ReduceTrouble, { head, now }: PipelineFacts): readonly Found[] {
  const outputs = new Map<string, Left>();
  for (const { why, outputs: slow = {} } of groups)
    for (const [output, { left = 0, error }] of Object.entries(slow)) {
      if (left === 0) continue;
      const before = outputs.get(output) ?? { left: 0, groups: 0, error: undefined, why: undefined };
      const reason = error === undefined ? before.why : (before.why ?? why);
      outputs.set(output, {
        ...{ left: before.left + left, groups: before.groups + 1 },
        ...{ error: before.error ?? error, why: reason },
      });
    }
  return [...outputs].map(([subject, { left, groups: open, error, why }]) => {
    const lasts = `batch ${batchId} has gone back to it for ${span(now - since)}`;
    const says = error === undefined ? 'it is slow' : `it ends with ${error}${why === undefined ? '' : ` (${why})`}`;
    return {
      severity: error !== undefined && now - since >= longMs ? 'critical' : 'warning',
      subject,
      cause: `${count(left)} records of ${open} key ${open === 1 ? 'group' : 'groups'} are left for this output: ${says}; ${lasts}, and no later batch begins.`,
      mend: `${mendOf(error)} ${withoutIt(subject, head.pipeline)}`,
    };
  });
}

/** What executors send while they read. */
function ofReads(facts: PipelineFacts): readonly Found[] {
  const failing = failingShards(facts).filter(({ output }) => output !== undefined);
  return [...Map.groupBy(failing, ({ output }) => output!)].map(([subject, shards]) => {
    const [first] = shards as unknown as readonly [FailingShard];
    const since = Math.min(...shards.map((shard) => shard.since));
    return {
      severity: facts.now - since >= longMs ? 'critical' : 'warning',
      subject,
      cause: `It does not take what was read of ${shards.map(({ shardId }) => shardId).join(', ')}, for ${span(facts.now - since)}: ${first.error}, ${first.message}`,
      mend: mendOf(first.error),
    };
  });
}

/** Of batches that are committed. */
function ofReports(facts: PipelineFacts): readonly Found[] {
  const [newest, before] = lastTwo(facts) ?? [];
  return Object.entries(newest?.slow ?? {}).flatMap(([subject, { ms, rounds = 0, error }]): Found[] => {
    const then = before?.slow?.[subject];
    const isSlow = (one: { readonly ms: number; readonly rounds?: number | undefined } | undefined): boolean =>
      one !== undefined && (one.ms >= slowMs || (one.rounds ?? 0) > 0);
    if (!isSlow({ ms, rounds }) || !isSlow(then)) return [];
    const back = rounds === 0 ? '' : `, and the batch went back to it ${rounds} ${rounds === 1 ? 'time' : 'times'}`;
    const last = error === undefined ? '' : `; its last error was ${error}`;
    const cause = `It took ${span(ms)} of the last batch to send${back}${last}; the batch before was no faster.`;
    const mend = `${mendOf(error)} ${withoutIt(subject, facts.head.pipeline)}`;
    return [{ severity: 'warning', subject, cause, mend }];
  });
}

const mends: Readonly<Record<string, string>> = {
  NotAllowed: 'Give the functions the right that the message names, or correct the name of what the output writes to.',
  StreamNotFound: 'Create what the output writes to, or correct its name, and deploy.',
};

/** Of what is sent after the seal. */
const withoutIt = (output: string, pipeline: string): string =>
  `\`sluice outputs detach ${output} --pipeline ${pipeline}\` lets batches commit without it, and keeps its rows.`;

const mendOf = (error: string | undefined): string =>
  mends[error ?? ''] ??
  'Give what it writes to more capacity (more shards of a stream, more write units of a table, a faster function), or mend what its error says; the batch goes on by itself, and nothing is lost or sent twice.';
