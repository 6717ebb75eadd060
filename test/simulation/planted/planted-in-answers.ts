/** Half an answer taken for a whole one, and steps that go on after theirs. */
import type { PlantedFault } from './planted-faults.ts';

const stepHandler = 'functions/steps/step-handler.ts';
const pollingCursor = 'functions/adapters/kinesis/polling-cursor.ts';
const scannedAnswers = 'functions/adapters/kinesis/scanned-answers.ts';
const scan = 'functions/adapters/kinesis/scan-records.ts';
const scanAtOnce = 'functions/adapters/kinesis/scan-at-once.ts';
const collectBody = 'functions/adapters/kinesis/collect-body.ts';
const jsonBytes = 'functions/adapters/kinesis/json-bytes.ts';
const fanOut = 'functions/adapters/kinesis/fan-out-source.ts';
const table = 'functions/adapters/dynamodb/table.ts';
const item = 'functions/adapters/dynamodb/item.ts';
const dimension = 'answers without members';

export const answerFaults: readonly PlantedFault[] = [
  {
    name: 'step-goes-on-after-its-answer',
    edits: [{ file: stepHandler, from: '  } finally {\n    life.end();\n  }', to: '  } finally {\n  }' }],
  },
  {
    name: 'missing-iterator-is-the-end-of-the-shard',
    dimension,
    edits: [
      {
        file: pollingCursor,
        from: "    if (end === undefined) throw new IncompleteAnswer('NextShardIterator');\n    return end;",
        to: '    return end ?? { children: [] };',
      },
    ],
  },
  {
    name: 'missing-continuation-is-the-end-of-the-shard',
    dimension,
    edits: [
      {
        file: fanOut,
        from: "    if (end === undefined) throw new IncompleteAnswer('ContinuationSequenceNumber');\n    return end;",
        to: '    return end ?? { children: [] };',
      },
    ],
  },
  {
    name: 'records-without-an-iterator-are-the-last',
    dimension,
    edits: [
      {
        file: pollingCursor,
        from: '    if (Records.length > 0) return undefined;',
        to: '    if (Records.length > 0) return { children: [] };',
      },
    ],
  },
  {
    name: 'missing-records-are-none',
    dimension,
    edits: [{ file: scannedAnswers, from: "given(answer.Records, 'Records')", to: '(answer.Records ?? [])' }],
  },
  {
    name: 'payloads-end-a-byte-early',
    throughSdk: true,
    edits: [
      { file: scan, from: '      record.dataEnd = start + length;', to: '      record.dataEnd = start + length - 1;' },
    ],
  },
  {
    name: 'escapes-are-read-as-they-stand',
    throughSdk: true,
    edits: [{ file: jsonBytes, from: '!(byte >= 0x20) || byte === backslash', to: '!(byte >= 0x20)' }],
  },
  {
    name: 'pages-are-views-of-what-the-next-scan-writes-over',
    throughSdk: true,
    edits: [
      {
        file: scanAtOnce,
        from: '  const body = Buffer.allocUnsafeSlow(view.getUint32(outEndAddress, true) - origin);\n  body.set(memory.subarray(origin, origin + body.length));',
        to: '  const body = Buffer.from(memory.buffer, origin, view.getUint32(outEndAddress, true) - origin);',
      },
    ],
  },
  {
    name: 'pages-are-views-of-a-body-that-the-next-one-is-written-over',
    throughSdk: true,
    edits: [
      {
        file: collectBody,
        from: 'Buffer.concat(pieces, length)',
        to: 'Buffer.from(pieces[0]!.buffer as ArrayBuffer, pieces[0]!.byteOffset, length)',
      },
    ],
  },
  {
    name: 'missing-items-are-none',
    dimension,
    edits: [{ file: table, from: "given(answer.Items, 'Items')", to: '(answer.Items ?? [])' }],
  },
  {
    name: 'missing-number-of-an-item-is-zero',
    dimension,
    edits: [
      { file: item, from: 'return Number.isNaN(number) ? lacks(item, name) : number;', to: 'return number || 0;' },
    ],
  },
];
