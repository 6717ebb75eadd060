/** States in segments: what is put and when, how it is merged and read again, what is let go of, and what a purge takes. */
import type { PlantedFault } from './planted-faults.ts';

const compaction = 'functions/core/state/compaction.ts';
const entryCursor = 'functions/core/state/entry-cursor.ts';
const mergeDue = 'functions/core/state/merge-due.ts';
const mergeEntries = 'functions/core/state/merge-entries.ts';
const page = 'functions/core/state/page.ts';
const pagesOfRun = 'functions/core/state/pages-of-run.ts';
const segment = 'functions/core/state/segment.ts';
const sliceRules = 'functions/core/state/slice-rules.ts';
const stateChange = 'functions/core/state/state-change.ts';
const stateEntry = 'functions/core/state/state-entry.ts';
const stateOfBatch = 'functions/core/state/state-of-batch.ts';
const withoutOver = 'functions/core/state/without-over.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';
const segmentStore = 'functions/adapters/dynamodb/segment-store.ts';
const stateStore = 'functions/adapters/dynamodb/state-store.ts';

const putAndPurged: readonly PlantedFault[] = [
  {
    name: 'a-state-does-not-wait-for-its-segments',
    dimension: 'state in segments',
    edits: [
      {
        file: segmentStore,
        from: [
          'const { chunks } = await blobs.put({ folder: segmentFolder(pipeline, state.keyGroup), name }, bytes, {',
          '      v: version,',
          '    });',
        ].join('\n'),
        to: [
          'const inTable = Math.max(1, Math.ceil(bytes.length / blobs.mostInRoot));',
          'const chunks = (storage as any).bucket !== undefined && inTable > 1 ? 0 : inTable;',
          'blobs.put({ folder: segmentFolder(pipeline, state.keyGroup), name }, bytes, { v: version }).catch(() => undefined);',
        ].join('\n'),
      },
    ],
  },
  {
    name: 'segments-of-a-batch-share-a-name',
    dimension: 'state in segments',
    edits: [
      {
        file: segmentStore,
        from: '`${padName(state)}#${newId()}`',
        to: "`${padName(state)}#${newId === undefined ? '' : 'segment'}`",
      },
    ],
  },
  {
    name: 'a-purge-takes-a-segment-that-an-older-retained-state-names',
    dimension: 'segments that are let go',
    edits: [
      { file: purge, from: 'inBatches(after, upTo), {', to: 'inBatches(after, upTo + 1), {' },
      {
        file: purge,
        from: '#clearBefore({ states, segments }, counting, seen))',
        to: '#clearBefore({ states, segments }, counting.map(({ replaces, ...item }) => batchOf(item.sk!.S!) > upTo ? item : { ...item, ...(replaces && { replaces }) }), seen))',
      },
    ],
  },
  {
    name: 'segments-that-are-let-go-stay',
    dimension: 'segments that are let go',
    edits: [{ file: purge, from: 'if (named.length > 0) await', to: 'if (named.length < 0) await' }],
  },
  {
    name: 'a-state-says-not-what-it-lets-go',
    dimension: 'segments that are let go',
    edits: [{ file: stateStore, from: 'dropped.length === 0 ? {}', to: 'dropped.length >= 0 ? {}' }],
  },
  {
    name: 'segments-of-lost-tries-stay',
    dimension: 'state in segments',
    edits: [
      {
        file: purge,
        from: 'isLost(sk) || made.get(stateIn(sk))?.has(nameOfChunk(sk)) === false;',
        to: 'isLost(sk) && made.size < 0;',
      },
    ],
  },
  {
    name: 'segments-of-a-state-that-is-gone-are-taken-for-those-of-lost-tries',
    dimension: 'state in segments',
    edits: [
      {
        file: purge,
        from: 'made.get(stateIn(sk))?.has(nameOfChunk(sk)) === false;',
        to: 'made.get(stateIn(sk))?.has(nameOfChunk(sk)) !== true;',
      },
    ],
  },
  {
    name: 'a-state-says-not-what-it-has-made',
    dimension: 'state in segments',
    edits: [{ file: stateStore, from: 'put.length === 0 ? {}', to: 'put.length >= 0 ? {}' }],
  },
  {
    name: 'a-purge-forgets-what-its-first-batch-has-made',
    dimension: 'state in segments',
    edits: [
      {
        file: purge,
        from: 'new Set(namesOf(item.made?.S).map(({ name }) => name))',
        to: 'new Set(namesOf(batchOf(sk) > after ? item.made?.S : undefined).map(({ name }) => name))',
      },
    ],
  },
  {
    name: 'what-a-state-still-names-is-let-go',
    dimension: 'state in segments',
    edits: [
      {
        file: stateOfBatch,
        from: 'namedBy(this.#before.manifest).filter(({ name }) => !kept.has(name));',
        to: 'namedBy(this.#before.manifest).filter(() => kept !== undefined);',
      },
    ],
  },
];

const merged: readonly PlantedFault[] = [
  {
    name: 'a-merge-puts-newer-before-older',
    dimension: 'segments that are merged',
    edits: [
      { file: compaction, from: '=> new EntryCursor(order, pagesLeft', to: '=> new EntryCursor(-order, pagesLeft' },
    ],
  },
  {
    name: 'a-merge-of-younger-runs-drops-removals',
    dimension: 'segments that are merged',
    edits: [{ file: compaction, from: 'isOldest: step.at === 0', to: 'isOldest: step.at >= 0' }],
  },
  {
    name: 'a-merge-copies-a-page-that-another-run-changes',
    dimension: 'segments that are merged',
    edits: [
      {
        file: mergeEntries,
        from: 'pageBefore(second && [second.slice, second.canonical]);',
        to: 'pageBefore(second && undefined);',
      },
    ],
  },
  {
    name: 'of-a-merge-under-way-all-is-read-of-what-is-merged',
    dimension: 'merges over several batches',
    edits: [
      {
        file: pagesOfRun,
        from: '({ segments: run.segments, from: rest.from })',
        to: '({ segments: run.segments })',
      },
    ],
  },
  {
    name: 'of-a-merge-under-way-the-rest-is-not-read',
    dimension: 'merges over several batches',
    edits: [{ file: pagesOfRun, from: 'if (rest === undefined) return', to: 'if (rest !== null) return' }],
  },
  {
    name: 'a-merge-forgets-its-rest',
    dimension: 'merges over several batches',
    edits: [{ file: compaction, from: 'const rest = limit === undefined ?', to: 'const rest = limit !== null ?' }],
  },
  {
    name: 'a-merge-goes-on-from-the-beginning-of-a-page',
    dimension: 'merges over several batches',
    edits: [
      {
        file: compaction,
        from: 'pagesLeft(run, reader, step), step.from));',
        to: 'pagesLeft(run, reader, step)));',
      },
    ],
  },
  {
    name: 'a-merge-goes-on-behind-the-page-that-it-has-come-to',
    dimension: 'merges over several batches',
    edits: [
      {
        file: entryCursor,
        from: 'return last >= 0 && pages[last]!.lastSlice >= from[0] ? last : last + 1;',
        to: 'return last + 1;',
      },
    ],
  },
  {
    name: 'what-a-batch-adds-lies-below-the-oldest-run',
    dimension: 'state in segments',
    edits: [{ file: stateChange, from: 'runs: [...rest.runs, ...run],', to: 'runs: [...run, ...rest.runs],' }],
  },
];

const further: readonly PlantedFault[] = [
  {
    name: 'runs-of-a-size-are-never-merged',
    dimension: 'state in segments',
    edits: [{ file: mergeDue, from: 'if (end - at >= fanIn) return', to: 'if (end - at >= 99 * fanIn) return' }],
  },
  {
    name: 'younger-runs-may-have-more-than-the-oldest',
    dimension: 'state in segments',
    edits: [
      { file: mergeDue, from: 'sum(younger) > mostYounger * oldest!', to: 'sum(younger) > 99 * mostYounger * oldest!' },
    ],
  },
  {
    name: 'a-group-that-is-reduced-out-of-turn-never-merges',
    dimension: 'state in segments',
    edits: [{ file: mergeDue, from: 'keyGroup % turns || waited >= turns;', to: 'keyGroup % turns || waited < 0;' }],
  },
  {
    name: 'a-state-forgets-how-long-a-merge-has-waited',
    dimension: 'state in segments',
    edits: [{ file: stateChange, from: '? (known.waited ?? 0) + 1 : 0;', to: '? 1 : 0;' }],
  },
  {
    name: 'a-merge-stands-behind-what-it-has-come-to',
    dimension: 'merges over several batches',
    edits: [
      {
        file: compaction,
        from: 'if (step.from !== undefined && isBefore(placeOf(page), step.from)) continue;',
        to: 'if (step.from === null) continue;',
      },
    ],
  },
  {
    name: 'a-merge-that-has-begun-waits-for-its-turn-for-ever',
    dimension: 'merges over several batches',
    edits: [
      {
        file: mergeDue,
        from: 'if (goingOn >= 0) return { at: goingOn, runs: 1 };',
        to: 'if (goingOn >= 0 && runs.length < 4) return { at: goingOn, runs: 1 };\n  if (goingOn >= 0) return undefined;',
      },
    ],
  },
];

const slices: readonly PlantedFault[] = [
  {
    name: 'slices-that-are-over-stay',
    dimension: 'state in segments',
    edits: [
      {
        file: sliceRules,
        from: 'const over = overUpTo === null ? {} : { overUpTo };',
        to: 'const over = overUpTo === null ? {} : {};',
      },
    ],
  },
  {
    name: 'segments-of-which-all-is-over-stay',
    dimension: 'state in segments',
    edits: [
      {
        file: withoutOver,
        from: 'segments.filter(({ slices: [, last] }) => last > over);',
        to: 'segments.filter(({ slices: [, last] }) => last > over || last <= over);',
      },
    ],
  },
  {
    name: 'a-slice-goes-one-window-too-early',
    dimension: 'state in segments',
    edits: [
      {
        file: sliceRules,
        from: 'const over = overUpTo === null ? {} : { overUpTo };',
        to: 'const over = overUpTo === null ? {} : { overUpTo: overUpTo + (spec.options as any).sizeMs };',
      },
    ],
  },
  {
    name: 'a-slice-goes-when-it-closes-whatever-comes-late',
    dimension: 'state in segments',
    edits: [
      {
        file: sliceRules,
        from: 'const overUpTo = overBy(spec, watermarkOut);',
        to: 'const overUpTo = watermarkOut;',
      },
    ],
  },
  {
    name: 'what-a-window-has-given-out-is-not-read-for-a-late-event',
    dimension: "no aggregate of the user's own",
    edits: [{ file: sliceRules, from: '(end) => !isAddedTo || hasGivenOut(end)', to: '() => !isAddedTo' }],
  },
  {
    name: 'what-a-close-gives-out-is-not-read',
    dimension: 'state in segments',
    edits: [
      {
        file: sliceRules,
        from: 'upTo: watermarkOut ?? Number.NEGATIVE_INFINITY,',
        to: 'upTo: watermarkIn ?? Number.NEGATIVE_INFINITY,',
      },
    ],
  },
  {
    name: 'parts-of-windows-are-made-from-what-is-new-alone',
    dimension: "no aggregate of the user's own",
    edits: [{ file: sliceRules, from: 'mode === undefined && aggregates', to: 'mode !== null && aggregates' }],
  },
];

const entries: readonly PlantedFault[] = [
  {
    name: 'what-replaces-a-window-is-added-to-it',
    dimension: "no aggregate of the user's own",
    edits: [
      {
        file: stateEntry,
        from: 'if (newer.does !== add) return newer;',
        to: 'if (newer.does === removed) return newer;',
      },
    ],
  },
  {
    name: 'what-is-added-to-a-window-replaces-it',
    dimension: "no aggregate of the user's own",
    edits: [{ file: page, from: 'kinds.push(entry.added.length === 1 ? added : upsert);', to: 'kinds.push(upsert);' }],
  },
  {
    name: 'pages-are-known-by-their-last-key',
    dimension: 'state in segments',
    edits: [{ file: segment, from: 'first: entries[0]!.canonical', to: 'first: entries.at(-1)!.canonical' }],
  },
  {
    name: 'what-lies-in-the-manifest-is-lost-when-it-becomes-a-segment',
    dimension: 'state in segments',
    edits: [
      {
        file: stateChange,
        from: 'const entries = withInline(known, change);',
        to: 'const given = [...change.entries];\n  const entries = withInline(known, { ...change, entries: given });',
      },
      {
        file: stateChange,
        from: 'inline !== undefined ? undefined : encodeSegment(entries,',
        to: 'inline !== undefined ? undefined : encodeSegment(given,',
      },
    ],
  },
  {
    name: 'what-panes-gave-out-is-lost-between-two-batches',
    dimension: 'state in segments',
    edits: [
      {
        file: stateEntry,
        from: 'return newer.given === undefined ? entry : { ...entry, given: newer.given };',
        to: 'return entry;',
      },
    ],
  },
];

export const segmentFaults: readonly PlantedFault[] = [...putAndPurged, ...merged, ...further, ...slices, ...entries];
