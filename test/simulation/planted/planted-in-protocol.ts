/** Claims, seals, commits and leases: who may move the head, and when. */
import type { PlantedFault } from './planted-faults.ts';

const headStore = 'functions/adapters/dynamodb/head-store.ts';
const planStep = 'functions/steps/plan-batch/plan-batch.ts';
const sealStep = 'functions/steps/seal-batch/seal-batch.ts';
const turn = 'functions/core/turn.ts';

const sealCondition =
  '        { ref, owner, before: batchId - 1, ...(redrive === undefined ? {} : { redrive: redriveText(redrive) }) },\n' +
  '        redrive === undefined ? sealCondition : `${sealCondition} AND #redrive = :redrive`,';
const sealWithout = {
  epoch: `        { before: batchId - 1 },
        '#committedBatch = :before AND #sealedBatch = :before',`,
  next: `        { ref, owner },
        '#epoch = :ref AND #owner = :owner',`,
  both: `        {},
        'attribute_exists(#pk)',`,
};
const commitCondition = `  '#epoch = :epoch AND #owner = :owner AND #sealedBatch = :batchId AND #sealedRef = :ref AND #committedBatch = :before ' +
  'AND #oldestRetainedBatch <= :oldestRetainedBatch AND #detached = :seenDetached';`;
const commitGiven = 'return { epoch, owner, batchId, ref, before: batchId - 1, oldestRetainedBatch, seenDetached };';
const claimedEpoch = '    epoch: seen.epoch + 1,\n    owner: claim.owner,';
const keptEpoch =
  '    epoch: seen.holder?.owner === claim.owner ? seen.epoch : seen.epoch + 1,\n    owner: claim.owner,';
const claimHead = 'const head = await claimHead(runtime, seen, {';

export const protocolFaults: readonly PlantedFault[] = [
  {
    name: 'claim-without-condition',
    row: 'D1',
    edits: [
      {
        file: headStore,
        from: "const claimCondition = '#epoch = :seenEpoch';",
        to: "const claimCondition = '(#epoch = :seenEpoch OR #epoch <> :seenEpoch)';",
      },
    ],
  },
  {
    name: 'owner-is-the-execution',
    row: 'D2',
    edits: [
      { file: 'state-machine/micro-batch.ts', from: "'run.$': 'States.UUID()',", to: "'run.$': '$$.Execution.Id'," },
      {
        file: planStep,
        from: claimHead,
        to: `const head = turn === 0 && seen.holder?.owner === input.run ? seen : await claimHead(runtime, seen, {`,
      },
    ],
  },
  { name: 'renewal-keeps-the-epoch', row: 'D3', edits: [{ file: headStore, from: claimedEpoch, to: keptEpoch }] },
  {
    name: 'successor-inherits-the-epoch',
    row: 'D4',
    edits: [
      {
        file: 'state-machine/micro-batch.ts',
        from: "'Input.$': '$.request' }",
        to: "Input: { 'handover.$': '$.run' } }",
      },
      {
        file: 'functions/steps/messages.ts',
        from: '    untilBatch: optional(count),\n  },',
        to: '    untilBatch: optional(count),\n    handover: optional(name),\n  },',
      },
      {
        file: planStep,
        from: claimHead,
        to: 'const handover = (input.request as { handover?: string }).handover;\n  const head = turn === 0 && handover !== undefined && seen.holder?.owner === handover ? seen : await claimHead(runtime, seen, {',
      },
    ],
  },
  { name: 'seal-without-epoch', row: 'D11', edits: [{ file: headStore, from: sealCondition, to: sealWithout.epoch }] },
  {
    name: 'seal-without-epoch-and-next',
    row: 'D12',
    edits: [{ file: headStore, from: sealCondition, to: sealWithout.both }],
  },
  {
    name: 'commit-without-previous',
    row: 'D25',
    edits: [
      { file: headStore, from: commitCondition, to: commitCondition.replace(' AND #committedBatch = :before', '') },
      {
        file: headStore,
        from: commitGiven,
        to: 'return { epoch, owner, batchId, ref, oldestRetainedBatch, seenDetached };',
      },
    ],
  },
  {
    name: 'commit-with-previous-only',
    row: 'D26',
    edits: [
      { file: headStore, from: commitCondition, to: "  '#committedBatch = :before';" },
      { file: headStore, from: commitGiven, to: 'return { before: batchId - 1 };' },
    ],
  },
  {
    name: 'commit-unconditional',
    row: 'D27',
    edits: [
      { file: headStore, from: commitCondition, to: "  'attribute_exists(#pk)';" },
      { file: headStore, from: commitGiven, to: 'return {};' },
    ],
  },
  {
    name: 'commit-though-a-key-group-failed',
    row: 'D28',
    edits: [
      {
        file: 'state-machine/executors.ts',
        from: '    done: false,\n    progressed: false,',
        to: '    done: true,\n    progressed: false,',
      },
    ],
  },
  {
    name: 'failed-condition-is-success',
    row: 'D29',
    edits: [
      {
        file: headStore,
        from: "return head !== undefined && change.isMine(head) ? { kind: 'updated', head } : { kind: 'lost', head };",
        to: "return { kind: 'updated', head: head! };",
      },
    ],
  },
  {
    name: 'resume-plans-anew',
    row: 'D37',
    edits: [
      {
        file: planStep,
        from: 'const left = unfinished(head);',
        to: 'const left = undefined as BatchName | undefined;',
      },
    ],
  },
  {
    name: 'stale-plan-and-seal-without-next',
    row: 'D38',
    edits: [
      {
        file: 'functions/steps/plan-batch/claim-head.ts',
        from: "if (claimed.kind === 'updated') return claimed.head;",
        to: "if (claimed.kind === 'updated') return { ...seen, epoch: claimed.head.epoch, holder: claimed.head.holder };",
      },
      { file: headStore, from: sealCondition, to: sealWithout.next },
    ],
  },
  {
    name: 'epoch-kept-and-seal-without-next',
    row: 'D39',
    edits: [
      { file: headStore, from: claimedEpoch, to: keptEpoch },
      { file: headStore, from: sealCondition, to: sealWithout.next },
    ],
  },
  {
    name: 'horizon-falls',
    edits: [
      {
        file: headStore,
        from: commitCondition,
        to: commitCondition.replace('AND #oldestRetainedBatch <= :oldestRetainedBatch AND', 'AND'),
      },
      {
        file: headStore,
        from: commitGiven,
        to: 'return { epoch, owner, batchId, ref, before: batchId - 1, seenDetached };',
      },
      {
        file: 'functions/steps/commit-batch/commit-head.ts',
        from: `Math.max(
        head.oldestRetainedBatch,
        Math.min(commit.oldestRetainedBatch, oldestOf(head, after)),
      ),`,
        to: 'commit.batchId % 5 === 0 ? 0 : Math.max(0, Math.min(commit.oldestRetainedBatch, oldestOf(head, after))),',
      },
    ],
  },
  {
    name: 'lease-ignored',
    edits: [{ file: turn, from: 'if (isHeld(head, now)) return', to: 'if (isHeld(head, now + 600_000)) return' }],
  },
  {
    name: 'lease-too-short',
    edits: [
      {
        file: turn,
        from: 'return Math.max(now, waitUntil) + (timing.planToSealSeconds + timing.commitToPlanSeconds) * 1000;',
        to: 'return now + timing.readSeconds * 1000;',
      },
    ],
  },
  {
    name: 'never-rotates',
    edits: [
      {
        file: turn,
        from: 'return ranSeconds >= timing.rotateAfterSeconds',
        to: 'return timing.readSeconds < 0 && ranSeconds >= timing.rotateAfterSeconds',
      },
    ],
  },
  {
    name: 'superseded-is-an-error',
    edits: [
      {
        file: sealStep,
        from: "return sealed === 'called-off' ? againAtOnce(input, runtime) : superseded;",
        to: "throw new RangeError('superseded');",
      },
    ],
  },
  {
    name: 'first-try-of-a-run-shares-its-epoch',
    edits: [
      {
        file: headStore,
        from: '(head) => head.epoch === seen.epoch + 1 && head.holder?.claim === claim.claim,',
        to: '(head) => head.epoch === seen.epoch + 1 && head.holder?.owner === claim.owner,',
      },
    ],
  },
];
