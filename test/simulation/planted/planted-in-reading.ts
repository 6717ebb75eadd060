/** Positions, shards, retention, and what becomes of each record that was read. */
import type { PlantedFault } from './planted-faults.ts';

const planCore = 'functions/core/decide-plan.ts';
const sealCore = 'functions/core/decide-seal.ts';
const lineage = 'functions/core/shard-lineage.ts';
const deliverStep = 'functions/steps/process-shards/deliver.ts';
const source = 'functions/adapters/kinesis/polling-cursor.ts';

export const readingFaults: readonly PlantedFault[] = [
  {
    name: 'children-start-with-their-parents',
    row: 'D36',
    edits: [
      {
        file: planCore,
        from: ' && !isWaiting(shard, known))',
        to: ')',
      },
    ],
  },
  {
    name: 'more-is-asked-for-than-a-batch-may-read',
    edits: [
      {
        file: 'functions/core/read/page-end.ts',
        from: 'if (proof.isPastEnd) return { state: { ...proven, isPastEnd: true }, stop };',
        to: 'if (proof.isPastEnd) return { state: { ...proven, isPastEnd: true }, stop: undefined };',
      },
    ],
  },
  {
    name: 'latest-resolved-anew',
    edits: [
      {
        file: planCore,
        from: '      ...shard,\n      isNew: !before.has(shard.shardId),',
        to: `      ...shard,
      position:
        pipeline.source.startingPosition.kind === 'latest' && shard.lastArrival === null
          ? ({ kind: 'at-timestamp', timestamp: turn.now - 1_000 } as const)
          : shard.position,
      isNew: !before.has(shard.shardId),`,
      },
    ],
  },
  {
    name: 'refused-puts-dropped',
    edits: [
      {
        file: 'functions/adapters/kinesis/kinesis-sink.ts',
        from: 'const refused = request.filter((_, at) => results[at]?.SequenceNumber === undefined);',
        to: 'const refused = request.filter(() => results.length === 0);',
      },
    ],
  },
  {
    name: 'trimmed-gap-ignored',
    edits: [
      {
        file: 'functions/core/read/take-step.ts',
        from: 'const tellsOfLoss = step.progress.records === 0 &&',
        to: 'const tellsOfLoss = step.progress.records < 0 &&',
      },
    ],
  },
  {
    name: 'failed-shard-skipped',
    edits: [
      {
        file: 'functions/steps/process-shards/read-shard.ts',
        from: "    return outcomeOf('failed', cursor?.usage, error);\n",
        to: `    const failed = outcomeOf('failed', cursor?.usage);
    const to = { kind: 'at-timestamp', timestamp: ports.clock.now() - 1_000 } as const;
    return { ...failed, result: { ...failed.result, outcome: { ...failed.result.outcome, to } } };
`,
      },
    ],
  },
  {
    name: 'shard-in-two-tasks',
    edits: [
      {
        file: 'functions/core/pack-shards.ts',
        from: 'return tasks.map((task) => task.shards);',
        to: 'return tasks.map((task, at) => (at === 1 ? [...task.shards, tasks[0]!.shards[0]!] : task.shards));',
      },
    ],
  },
  {
    name: 'no-margin-for-arrival-stamps',
    edits: [
      {
        file: 'functions/core/position.ts',
        from: 'const timestamp = stretch.through - stretch.marginMs;',
        to: 'const timestamp = stretch.through;',
      },
    ],
  },
  {
    name: 'expired-iterator-starts-at-the-horizon',
    edits: [
      {
        file: source,
        from: '        this.#iterator = undefined;\n',
        to: "        this.#iterator = await this.#parts.openIterator({ kind: 'trim-horizon' });\n",
      },
    ],
  },
  {
    name: 'expired-iterator-starts-where-it-was-opened',
    edits: [
      {
        file: source,
        from: 'if (last !== undefined) this.#position = {',
        to: 'if (last !== undefined && this.#nextCallAt < 0) this.#position = {',
      },
    ],
  },
  {
    name: 'throttled-reader-goes-on-at-now',
    edits: [
      {
        file: source,
        from: '    const pause = random()',
        to: `    this.#iterator = await this.#parts.openIterator({ kind: 'at-timestamp', timestamp: clock.now() - 1_000 });
    const pause = random()`,
      },
    ],
  },
  {
    name: 'shard-leaves-with-the-listing',
    profile: 'switching',
    edits: [
      {
        file: lineage,
        from: '(shard) => !listedById.has(shard.shardId) && knownThroughOf(shard) < oldest)',
        to: '(shard) => !listedById.has(shard.shardId))',
      },
    ],
  },
  {
    name: 'new-shards-start-at-latest',
    edits: [
      {
        file: sealCore,
        from: 'newCheckpoint(child, trimHorizon)',
        to: "newCheckpoint(child, { kind: 'at-timestamp', timestamp: results.values().next().value?.readThrough ?? 0 })",
      },
    ],
  },
  {
    name: 'dead-letters-dropped',
    edits: [
      {
        file: deliverStep,
        from: 'deadLetters.length === 0 ? undefined',
        to: 'deadLetters.length >= 0 ? undefined',
      },
    ],
  },
  {
    name: 'dead-letters-share-a-key',
    edits: [
      {
        file: 'functions/adapters/dynamodb/keys.ts',
        from: '${padSub(place.subSequenceNumber)}`',
        to: '${padSub(0 * place.subSequenceNumber)}`',
      },
    ],
  },
  {
    name: 'sink-not-waited-for',
    edits: [
      {
        file: deliverStep,
        from: 'const missing = await orMissing(records, ports.sink(id).send(records, deadline));',
        to: 'const missing = void ports.sink(id).send(records, deadline).catch(() => {});',
      },
    ],
  },
  {
    name: 'undelivered-step-kept',
    edits: [
      {
        file: 'functions/steps/process-shards/take-page.ts',
        from: 'open.state = applied(step, page, missing);',
        to: 'open.state = applied(step, page);',
      },
    ],
  },
  {
    name: 'sub-records-share-an-identity',
    row: 'M1',
    edits: [{ file: 'functions/core/emit-event.ts', from: 'sub: place!.subSequenceNumber,', to: 'sub: 0,' }],
  },
  {
    name: 'run-ends-before-what-was-there',
    edits: [
      {
        file: 'functions/core/read/page-end.ts',
        from: '(proof.isPastEnd && page.records.length === 0)',
        to: 'proof.isPastEnd',
      },
      {
        file: 'functions/core/read/page-end.ts',
        from: 'isPastEnd: reachedTip && isQuietPast',
        to: 'isPastEnd: isQuietPast',
      },
    ],
  },
  {
    name: 'run-ends-with-the-last-records-of-a-closed-shard',
    edits: [
      {
        file: 'functions/core/read/page-end.ts',
        from: '(proof.isPastEnd && page.records.length === 0)',
        to: 'proof.isPastEnd',
      },
    ],
  },
  {
    name: 'run-begins-anew-before-its-end',
    edits: [
      {
        file: 'functions/steps/plan-batch/run-bound.ts',
        from: 'return isRunOver(shards, runBound);',
        to: 'return shards.length > 0;',
      },
    ],
  },
  {
    name: 'run-reads-past-its-end',
    edits: [
      {
        file: 'functions/core/ending-cut.ts',
        from: 'return arrival < ending.timestamp ? whole',
        to: 'return arrival < ending.timestamp + 3_600_000 ? whole',
      },
    ],
  },
  {
    name: 'aggregate-cut-at-the-first-event',
    edits: [
      {
        file: 'functions/core/read/open-record.ts',
        from: 'end: events.length, closes: whole };',
        to: 'end: Math.min(4, events.length), closes: whole };',
      },
    ],
  },
  {
    name: 'sub-records-of-other-shards-counted',
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: '=> resent?.has(sub) === true;',
        to: '=> resent !== undefined && sub < 0;',
      },
    ],
  },
  {
    name: 'sub-records-of-a-strayed-record-left-out',
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: '= ({ resent }: OpenRecord, sub: number): boolean => resent?.has(sub) === true;',
        to: '= ({ resent, events }: OpenRecord, sub: number): boolean =>\n  resent !== undefined && sub >= 0 && Array.from({ length: events.length }, (_, at) => at).some((at) => resent.has(at));',
      },
    ],
  },
  {
    name: 'all-keys-of-a-record-are-where-its-first-is',
    edits: [
      {
        file: 'functions/core/resent-within.ts',
        from: 'isExplicit ? hashKey : events.partitionKeyPlace(index);',
        to: 'isExplicit ? hashKey : Math.min(0, events.partitionKeyPlace(index));',
      },
    ],
  },
  {
    name: 'what-was-read-before-is-read-again',
    edits: [
      {
        file: 'functions/core/read/resume-point.ts',
        from: 'return lastRead !== undefined && !isAfter(sequenceNumber, lastRead);',
        to: "return sequenceNumber === lastRead && position.kind === 'after-sequence-number' && position.subSequenceNumber !== undefined;",
      },
    ],
  },
  {
    name: 'shard-ends-with-an-empty-page',
    edits: [
      {
        file: source,
        from: 'const end = iterator === undefined ?',
        to: 'const end = records.length === 0 && millisBehindLatest > 0 ? { children: [] } : iterator === undefined ?',
      },
    ],
  },
];
