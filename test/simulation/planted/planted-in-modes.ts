/** Corrections of windows that overlap, complete mode, results of what is new, and running totals. */
import type { PlantedFault } from './planted-faults.ts';

const changes = 'functions/core/window-changes.ts';
const ofPanes = 'functions/core/pane-changes.ts';
const reduce = 'functions/core/reduce-key-group.ts';
const delivery = 'functions/core/deliver-results.ts';
const overlapping = 'corrections of windows that overlap';
const complete = 'complete mode';
const newOnly = 'results of what is new';
const totals = 'running totals';

export const modeFaults: readonly PlantedFault[] = [
  {
    name: 'what-is-read-goes-by-the-mode-of-the-code',
    dimension: 'a mode that changes',
    edits: [
      {
        file: 'functions/core/state/state-of-batch.ts',
        from: 'this.#pipeline = asSealed(pipeline, batch);',
        to: 'this.#pipeline = pipeline;',
      },
    ],
  },
  {
    name: 'a-run-keeps-a-window-that-has-given-out-more',
    dimension: overlapping,
    edits: [{ file: 'functions/core/given-runs.ts', from: 'next = end + everyMs;', to: 'next = end;' }],
  },
  {
    name: 'what-windows-of-panes-gave-out-is-forgotten',
    dimension: overlapping,
    edits: [
      {
        file: reduce,
        from: 'given: runsOf(aggregation, ofPanes, givenOf)',
        to: 'given: []',
      },
    ],
  },
  {
    name: 'a-late-event-corrects-no-window-that-overlaps',
    dimension: overlapping,
    edits: [
      {
        file: ofPanes,
        from: 'const after = overBy(spec, watermarkIn);',
        to: 'const after = watermarkIn;',
      },
    ],
  },
  {
    name: 'panes-are-over-when-their-windows-close',
    dimension: overlapping,
    edits: [
      {
        file: ofPanes,
        from: 'const over = overBy(aggregation.window, watermarks.watermarkOut);\n  const from',
        to: 'const over = watermarks.watermarkOut;\n  const from',
      },
    ],
  },
  {
    name: 'nobody-comes-back-for-panes-that-are-over',
    dimension: overlapping,
    edits: [{ file: 'functions/core/open-ends.ts', from: 'overAt(last, spec.latenessMs)', to: 'overAt(last, 0)' }],
  },
  {
    name: 'complete-mode-leaves-out-groups-without-events',
    dimension: complete,
    edits: [{ file: 'functions/core/group-states.ts', from: ' && !isAsked', to: ' && !(isAsked && added)' }],
  },
  {
    name: 'complete-mode-gives-out-what-has-changed',
    dimension: complete,
    edits: [
      {
        file: changes,
        from: "if (mode === 'complete') return true;",
        to: "if (mode === 'complete') return window.isNew || closes;",
      },
    ],
  },
  {
    name: 'what-was-given-out-is-added-to-once-more',
    dimension: newOnly,
    edits: [
      {
        file: reduce,
        from: 'if (isDiscarded(aggregation, window)) return',
        to: 'if (isDiscarded(aggregation, window) && start === end) return',
      },
    ],
  },
  {
    name: 'a-part-takes-the-one-before-back',
    dimension: newOnly,
    edits: [{ file: delivery, from: 'const from = discards ? [] :', to: 'const from = discards && place < 0 ? [] :' }],
  },
  {
    name: 'a-part-of-panes-is-all-of-them',
    dimension: newOnly,
    edits: [
      {
        file: ofPanes,
        from: 'aggregation.discards === true && given !== undefined;',
        to: 'aggregation.discards === true && given === undefined;',
      },
    ],
  },
  {
    name: 'a-total-that-is-forgotten-stays-with-readers',
    dimension: totals,
    edits: [
      {
        file: changes,
        from: 'if (final && isForgotten(window, rules)) change.retracted.push(',
        to: 'if (!final && isForgotten(window, rules)) change.retracted.push(',
      },
    ],
  },
  {
    name: 'a-total-that-grows-begins-to-count-anew',
    dimension: totals,
    edits: [
      {
        file: changes,
        from: 'kind.isTotal === true || byTime(part, bounds) === 0',
        to: 'byTime(part, bounds) === 0',
      },
    ],
  },
  {
    name: 'a-total-of-the-batch-that-forgets-it-stays',
    dimension: totals,
    edits: [
      {
        file: delivery,
        from: 'if (window.isForgotten !== true || records.length === 0) return;',
        to: 'if (window.isForgotten !== true || records.length > 0) return;',
      },
    ],
  },
  {
    name: 'a-total-is-taken-back-when-the-input-has-ended',
    dimension: totals,
    edits: [
      {
        file: changes,
        from: ' || watermarks.watermarkOut === endOfTime) return false;',
        to: ') return false;',
      },
    ],
  },
];
