/** Marks, watermark, windows and late events. */
import type { PlantedFault } from './planted-faults.ts';

const watermark = 'functions/core/watermark.ts';
const sealCore = 'functions/core/decide-seal.ts';

const ofShards = '    if (hasEnded(shard)) continue;\n';

export const watermarkFaults: readonly PlantedFault[] = [
  {
    name: 'watermark-goes-back',
    row: 'W2',
    edits: [
      { file: watermark, from: 'return later(previous, least ?? null);', to: 'return least ?? null;' },
      {
        file: watermark,
        from: 'watermark: later(shard.watermark, mark)',
        to: 'watermark: mark',
      },
    ],
  },
  {
    name: 'watermark-is-the-most',
    row: 'D67',
    edits: [
      {
        file: watermark,
        from: 'least === undefined ? shard.watermark : earlier(least, shard.watermark);',
        to: 'least === undefined ? shard.watermark : later(least, shard.watermark);',
      },
    ],
  },
  {
    name: 'shard-without-events-left-out',
    row: 'D58',
    edits: [{ file: watermark, from: ofShards, to: `${ofShards}    if (shard.watermark === null) continue;\n` }],
  },
  {
    name: 'waiting-child-left-out',
    row: 'D57',
    edits: [
      {
        file: watermark,
        from: ofShards,
        to: `${ofShards}    if (shard.life === 'unread' && shard.waitsFor.length > 0) continue;\n`,
      },
    ],
  },
  {
    name: 'child-stands-with-its-later-parent',
    edits: [{ file: sealCore, from: '?? null).reduce(earlier);', to: '?? null).reduce(later);' }],
  },
  {
    name: 'unread-shard-left-out',
    row: 'D60',
    edits: [
      {
        file: sealCore,
        from: 'watermarkBehind(plan.kind, shards, watermarkIn);',
        to: 'watermarkBehind(plan.kind, shards.filter(({ shardId }) => blocks.some((block) => block.shards.some((one) => one.shardId === shardId))), watermarkIn);',
      },
    ],
  },
  {
    name: 'idle-shard-left-out',
    row: 'D61',
    edits: [
      {
        file: watermark,
        from: ofShards,
        to: `${ofShards}    if (shard.life === 'reading' && shard.idleSince !== null) continue;\n`,
      },
    ],
  },
  {
    name: 'failed-shard-left-out',
    row: 'D59',
    edits: [
      {
        file: sealCore,
        from: 'watermarkBehind(plan.kind, shards, watermarkIn);',
        to: 'watermarkBehind(plan.kind, shards.filter(({ shardId }) => !blocks.some((block) => block.failedShards.some((one) => one.shardId === shardId))), watermarkIn);',
      },
    ],
  },
  {
    name: 'children-found-by-listing-only',
    row: 'D56',
    edits: [{ file: sealCore, from: '  registerChildren(known, results);\n', to: '' }],
  },
  {
    name: 'idle-without-delay',
    row: 'D63',
    edits: [
      {
        file: watermark,
        from: 'later(shard.watermark, read.tipTime - rules.delayMs)',
        to: 'later(shard.watermark, read.tipTime)',
      },
    ],
  },
  {
    name: 'idle-ahead-of-the-clock',
    row: 'D62',
    edits: [
      {
        file: watermark,
        from: 'later(shard.watermark, read.tipTime - rules.delayMs)',
        to: 'later(shard.watermark, read.tipTime - rules.delayMs + 10_000)',
      },
    ],
  },
  {
    name: 'tip-by-the-local-clock',
    row: 'D64',
    edits: [
      {
        file: 'functions/adapters/kinesis/polling-cursor.ts',
        from: '      serverTime: serverTimeOf(answer, clock),\n      end,',
        to: '      serverTime: clock.now(),\n      end,',
      },
    ],
  },
  {
    name: 'tip-not-proved',
    row: 'D65',
    edits: [
      {
        file: 'functions/core/read/page-end.ts',
        from: 'const reachedTip = millisBehindLatest === 0 && records.length < limit;',
        to: 'const reachedTip = records.length < limit;',
      },
    ],
  },
  {
    name: 'window-closes-one-tick-early',
    edits: [
      {
        file: 'functions/core/windows.ts',
        from: 'watermark !== null && at <= watermark;',
        to: 'watermark !== null && at - 1 <= watermark;',
      },
    ],
  },
  {
    name: 'window-closes-one-tick-late',
    edits: [
      {
        file: 'functions/core/windows.ts',
        from: 'watermark !== null && at <= watermark;',
        to: 'watermark !== null && at < watermark;',
      },
    ],
  },
  {
    name: 'late-events-are-counted',
    edits: [
      {
        file: 'functions/core/window-table.ts',
        from: 'const isAnyLate = !this.#merges && assigned.some((one) => isLate(window, one, watermark));',
        to: 'const isAnyLate = false;',
      },
    ],
  },
  {
    name: 'event-on-the-edge-in-the-window-before',
    edits: [
      {
        file: 'functions/windows/tumbling.ts',
        from: 'Math.floor((eventTime - offsetMs) / sizeMs)',
        to: 'Math.floor((eventTime - 1 - offsetMs) / sizeMs)',
      },
    ],
  },
  {
    name: 'future-events-raise-the-mark',
    edits: [
      {
        file: 'functions/core/run-operation.ts',
        from: 'if (time > arrival + rules.maxFutureMs) {',
        to: 'if (time > arrival + rules.maxFutureMs + 1e12) {',
      },
    ],
  },
];
