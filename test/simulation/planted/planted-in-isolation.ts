/** Records that kill their executor: who is told, who is packed with whom, what counts as a death, and what becomes of it. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'deadly records';
const machine = 'state-machine/executors.ts';
const suspicions = 'functions/core/suspicions.ts';
const packing = 'functions/core/pack-apart.ts';
const notes = 'functions/steps/process-shards/death-notes.ts';

export const isolationFaults: readonly PlantedFault[] = [
  {
    name: 'death-of-an-executor-is-an-error-like-any',
    dimension,
    edits: [{ file: machine, from: "  Result: 'crashed',", to: "  Result: 'failed'," }],
  },
  {
    name: 'death-is-hidden-by-a-second-try',
    dimension,
    edits: [
      {
        file: machine,
        from: "        Retry: retryFunction({ again: 1, deaths: 'told' }),\n        Catch: catchTask,",
        to: '        Retry: retryFunction({ again: 1 }),\n        Catch: catchTask,',
      },
    ],
  },
  {
    name: 'shards-of-a-task-that-died-stay-together',
    dimension,
    edits: [{ file: packing, from: '  if (suspected.length === 0) return', to: '  if (maxTasks > 0) return' }],
  },
  {
    name: 'isolated-shards-get-no-task',
    dimension,
    edits: [{ file: packing, from: '.slice(0, isolatedAtOnce(', to: '.slice(0, 0 * isolatedAtOnce(' }],
  },
  {
    name: 'first-death-is-enough-for-a-letter',
    dimension,
    edits: [{ file: suspicions, from: 'const deathsToBury = 3;', to: 'const deathsToBury = 1;' }],
  },
  {
    name: 'deaths-count-however-soon',
    dimension,
    edits: [{ file: suspicions, from: 'const betweenDeathsMs = 60_000;', to: 'const betweenDeathsMs = 0;' }],
  },
  {
    name: 'deaths-are-forgotten-by-a-turn-that-waits',
    dimension,
    edits: [
      {
        file: 'functions/steps/plan-batch/plan-turn.ts',
        from: 'const head = await withSuspicions(',
        to: `const waits = lastTurnOf(input).outcomes.some((outcome) => outcome !== 'caught-up');
  const head = waits ? claimed.head : await withSuspicions(`,
      },
    ],
  },
  {
    name: 'no-note-before-an-event-is-run',
    dimension,
    edits: [{ file: notes, from: '    await this.put({ place, isEvent });\n', to: '' }],
  },
  {
    name: 'note-outlives-its-event',
    dimension,
    edits: [
      {
        file: 'functions/steps/process-shards/isolated.ts',
        from: "if (halt?.kind !== 'died') await notes.free();",
        to: '',
      },
    ],
  },
  {
    name: 'another-event-is-blamed',
    dimension,
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: 'const place = { sequenceNumber: entry.record.sequenceNumber, sub: entry.sub };',
        to: 'const place = { sequenceNumber: entry.record.sequenceNumber, sub: entry.sub + 1 };',
      },
    ],
  },
  {
    name: 'read-goes-on-behind-an-event-that-died',
    dimension,
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: "return haltBefore(step, { kind: 'died', place, message: error.message });",
        to: `haltBefore(step, { kind: 'died', place, message: error.message });
    return undefined;`,
      },
    ],
  },
  {
    name: 'letter-of-a-deadly-event-is-not-kept-first',
    dimension,
    edits: [{ file: 'functions/core/read/take-event.ts', from: "return 'after';", to: 'return undefined;' }],
  },
];
