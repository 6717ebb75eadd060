/** Allowed lateness and update mode: which versions of a result there are, what they are called, and how long it stays. */
import type { PlantedFault } from './planted-faults.ts';

const changes = 'functions/core/window-changes.ts';
const windows = 'functions/core/windows.ts';
const version = 'functions/core/result-version.ts';
const [lateness, update] = ['allowed lateness', 'update mode'] as const;

const faults: readonly PlantedFault[] = [
  {
    name: 'what-comes-late-corrects-nothing',
    dimension: lateness,
    edits: [
      {
        file: changes,
        from: "  if (window.isNew) return closes || mode === 'update';\n  if (!closes || hasClosed(spec, window, watermarks.watermarkIn)) return false;\n",
        to: "  if (mode !== 'update' && hasClosed(spec, window, watermarks.watermarkIn)) return false;\n  if (window.isNew) return closes || mode === 'update';\n  if (!closes) return false;\n",
      },
    ],
  },
  {
    name: 'a-correction-has-the-number-of-the-first-result',
    edits: [
      {
        file: 'functions/core/deliver-results.ts',
        from: 'isVersion ? revision + 1 : revision',
        to: 'isVersion ? 1 : revision',
      },
    ],
  },
  {
    name: 'a-result-that-is-left-out-is-a-version',
    edits: [
      {
        file: 'functions/core/deliver-results.ts',
        from: 'isVersion ? revision + 1 : revision',
        to: 'revision + Number(isVersion || true)',
      },
    ],
  },
  {
    name: 'a-window-is-forgotten-when-it-closes',
    dimension: lateness,
    edits: [
      {
        file: windows,
        from: 'const at = isOverAt(spec, window);\n  return at === undefined || hasReached(watermark, at) ||',
        to: 'const at = spec.kind.closesAt(window);\n  return at === undefined || hasReached(watermark, at) ||',
      },
    ],
  },
  {
    name: 'an-event-is-late-when-its-window-has-closed',
    dimension: lateness,
    edits: [
      {
        file: windows,
        from: 'const at = isLateAt(spec, window);\n  return at !== undefined && (hasReached(watermark, at) ||',
        to: 'const at = spec.kind.closesAt(window);\n  return at !== undefined && (hasReached(watermark, at) ||',
      },
    ],
  },
  {
    name: 'when-a-window-is-over-is-not-named',
    dimension: lateness,
    edits: [
      {
        file: windows,
        from: 'return closesAt === overAt ? [closesAt] : [closesAt, overAt];',
        to: 'return [closesAt];',
      },
    ],
  },
  {
    name: 'a-window-that-gave-a-result-is-not-kept',
    edits: [
      {
        file: changes,
        from: '    if (!final) change.changed.push(after);',
        to: '    if (!final && !isResult(after)) change.changed.push(after);',
      },
    ],
  },
  {
    name: 'a-result-on-time-is-the-last-one',
    dimension: lateness,
    edits: [
      {
        file: changes,
        from: 'final: final && !isTotal(rules) };',
        to: "final: (final || timing === 'on-time') && !isTotal(rules) };",
      },
    ],
  },
  {
    name: 'a-correction-says-that-it-is-on-time',
    dimension: lateness,
    edits: [
      { file: version, from: "if (hasClosed(spec, window, watermarkIn)) return 'late';", to: 'void watermarkIn;' },
    ],
  },
  {
    name: 'a-late-result-is-early-of-what-had-closed',
    dimension: lateness,
    edits: [
      {
        file: version,
        from: "if (hasClosed(spec, window, watermarkIn)) return 'late';",
        to: "if (hasClosed(spec, window, watermarkOut)) return 'late';\n  void watermarkIn;",
      },
    ],
  },
  {
    name: 'a-batch-is-sealed-in-no-mode',
    dimension: 'update mode',
    edits: [
      {
        file: 'functions/core/sealed-versions.ts',
        from: '  ...(mode === undefined ? {} : { mode }),\n',
        to: '',
      },
    ],
  },
  {
    name: 'update-mode-gives-out-nothing-before-the-end',
    dimension: update,
    edits: [
      {
        file: changes,
        from: "if (window.isNew) return closes || mode === 'update';",
        to: 'if (window.isNew) return closes;',
      },
    ],
  },
  {
    name: 'update-mode-gives-the-result-again-at-the-end',
    dimension: update,
    edits: [{ file: changes, from: "return mode !== 'update' || window.given === undefined;", to: 'return true;' }],
  },
  {
    name: 'update-mode-does-not-know-what-it-gave-out',
    dimension: update,
    edits: [
      {
        file: 'functions/core/result-version.ts',
        from: 'window.latenessMs !== undefined || mode !== undefined ||',
        to: 'window.latenessMs !== undefined || mode === null ||',
      },
    ],
  },
];

export const correctionFaults: readonly PlantedFault[] = faults.map((fault) => ({
  dimension: 'corrected results',
  ...fault,
}));
