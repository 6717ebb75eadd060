/** Windows and groups of their own: days of a zone, one group of all, panes that are corrected; and what outputs and orders say of them. */
import type { PlantedFault } from './planted-faults.ts';

const days = 'functions/windows/windows-of-days.ts';
const local = 'functions/windows/local-days.ts';
const panes = 'functions/core/pane-changes.ts';
const zone = 'days of a zone';
const overlap = 'windows that overlap';
const outputs = 'a second output';

export const groupFaults: readonly PlantedFault[] = [
  {
    name: 'a-day-has-24-hours-in-any-zone',
    dimension: zone,
    edits: [{ file: days, from: 'end: startOf(number + 1) };', to: 'end: startOf(number) + days.sizeMs };' }],
  },
  {
    name: 'midnight-by-the-clocks-of-after-the-change',
    dimension: zone,
    edits: [
      {
        file: local,
        from: 'return time - before < change ? time - before : Math.max(change, time - after);',
        to: 'return time - after;',
      },
    ],
  },
  {
    name: 'an-earlier-day-is-the-one-that-is-known',
    dimension: zone,
    edits: [
      {
        file: days,
        from: 'if (candidate !== undefined && candidate.start <= instant) return candidate;',
        to: 'if (candidate !== undefined) return candidate;',
      },
    ],
  },
  {
    name: 'one-group-goes-by-the-key-that-it-has-not',
    dimension: 'one group of all',
    edits: [
      {
        file: 'functions/core/output.ts',
        from: 'return keyValues.length === 1 ? String(keyValues[0]) : canonicalKey(keyValues);',
        to: 'return keyValues.length < 2 ? String(keyValues[0]) : canonicalKey(keyValues);',
      },
    ],
  },
  {
    name: 'of-panes-of-two-blocks-the-first-counts',
    dimension: overlap,
    edits: [
      {
        file: 'functions/core/panes-of-key.ts',
        from: 'if (last?.start === start) last.parts.push(saved);',
        to: 'if (last?.start === start) continue;',
      },
    ],
  },
  {
    name: 'a-pane-that-gets-more-forgets-what-it-had',
    dimension: overlap,
    edits: [
      {
        file: 'functions/core/panes-of-key.ts',
        from: 'saved === undefined ? added : [saved[2], ...added]',
        to: 'added.length > 0 || saved === undefined ? added : [saved[2]]',
      },
    ],
  },
  {
    name: 'windows-of-a-pane-are-given-out-before-they-end',
    dimension: overlap,
    edits: [{ file: panes, from: 'Math.min(lastEndOf(panes, start), upTo);', to: 'lastEndOf(panes, start);' }],
  },
  {
    name: 'a-late-event-corrects-windows-that-are-over',
    dimension: overlap,
    edits: [
      {
        file: panes,
        from: '[...endsHolding(ofKey.added, panes, { after, upTo: closed }), ...closing];',
        to: '[...endsHolding(ofKey.added, panes, { after: null, upTo: closed }), ...closing];',
      },
    ],
  },
  {
    name: 'neighbours-have-given-out-what-one-has',
    dimension: overlap,
    edits: [
      {
        file: 'functions/core/given-runs.ts',
        from: 'previous[1] + everyMs === first && isSame(previous[2], given)) previous[1] = last;',
        to: 'previous[1] + everyMs === first && (isSame(previous[2], given) || true)) previous[1] = last;',
      },
    ],
  },
  {
    name: 'what-was-given-out-of-panes-is-forgotten',
    dimension: overlap,
    edits: [{ file: panes, from: 'const runs = before?.given ?? none;', to: 'const runs = none;' }],
  },
  {
    name: 'what-the-pipeline-filters-no-output-has-filtered',
    dimension: outputs,
    edits: [{ file: 'functions/core/outbox-counts.ts', from: 'filtered: ofAll + filtered,', to: 'filtered,' }],
  },
  {
    name: 'what-one-output-refuses-all-have-refused',
    dimension: 'an output that refuses',
    edits: [
      { file: 'functions/core/outbox-counts.ts', from: 'of letter.outputs ?? this.#outputs)', to: 'of this.#outputs)' },
    ],
  },
  {
    name: 'the-last-event-is-the-one-that-was-merged-last',
    dimension: 'aggregates that look at the order of events',
    edits: [{ file: 'functions/aggregates/last.ts', from: '(difference) => difference > 0', to: '() => true' }],
  },
];
