/** What is read out of the bytes: where an answer could be another than that of a parse. */
import type { PlantedFault } from './planted-faults.ts';

const members = 'functions/decoders/json-read/member-reader.ts';
const layout = 'functions/decoders/json-read/layout-code.ts';
const program = 'functions/decoders/json-read/layout-program.ts';
const values = 'functions/decoders/json-read/value-code.ts';
const grammar = 'functions/decoders/json-read/json-grammar.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'the-first-of-two-fields-counts',
    edits: [
      {
        file: members,
        from: 'if (to === unread || (seen & bit) !== 0) return unread;',
        to: 'if (to === unread) return unread;',
      },
      { file: members, from: 'if (bit !== 0) values[field]', to: 'if (bit !== 0 && (seen & bit) === 0) values[field]' },
    ],
  },
  {
    name: 'a-key-with-an-escape-is-no-field',
    edits: [
      { file: members, from: 'if (bytes[at] === backslash) return unread;', to: 'if (bytes[at] === 0) return unread;' },
    ],
  },
  {
    name: 'an-escaped-text-is-taken-as-it-stands',
    edits: [
      {
        file: 'functions/decoders/json-read/value-reader.ts',
        from: 'return endOfPlain(bytes, from + 1) === to - 1 ? textAt(bytes, from + 1, to - 1) : parsed(bytes, from, to);',
        to: 'return textAt(bytes, from + 1, to - 1);',
      },
    ],
  },
  {
    name: 'what-nobody-reads-may-be-anything',
    edits: [
      {
        file: grammar,
        from: 'bytes[first] === zero ? first + 1 : endOfDigits(bytes, first)',
        to: 'endOfDigits(bytes, first)',
      },
    ],
  },
  {
    name: 'a-payload-of-a-known-layout-may-go-on',
    edits: [{ file: layout, from: "${where === undefined ? '>' : '!=='}", to: '>' }],
  },
  {
    name: 'digits-before-a-point-are-the-number',
    edits: [
      {
        file: 'functions/decoders/json-read/plain-number.ts',
        from: 'if (byte === point) decimals = to - at - 1;',
        to: 'if (byte === point) continue;',
      },
    ],
  },
  {
    name: 'what-a-schema-refuses-passes-as-it-came',
    edits: [
      {
        file: 'functions/decoders/json-read/fields-json.ts',
        from: 'else if (result.issues === undefined) return result.value;',
        to: 'else return result.issues === undefined ? result.value : object;',
      },
    ],
  },
  {
    name: 'a-payload-that-is-read-with-others-may-go-on',
    throughSdk: true,
    edits: [{ file: program, from: '    leaveIf(0, isOther(get(at), load32(get(table), 4))),\n', to: '' }],
  },
  {
    name: 'a-text-that-is-read-with-others-keeps-its-escapes',
    throughSdk: true,
    edits: [{ file: values, from: '  when(get(escapes), storeKind(field, valueKinds.raw)),\n', to: '' }],
  },
];

const shape = 'functions/decoders/json-read/shape-reader.ts';

const inShapes: readonly PlantedFault[] = [
  {
    name: 'a-payload-of-a-known-shape-may-go-on',
    edits: [{ file: shape, from: "'return others', 'at the end')", to: "'return others')" }],
  },
  {
    name: 'of-a-name-twice-in-a-known-shape-the-first-counts',
    edits: [
      {
        file: shape,
        from: '`${JSON.stringify(shape.names[at])}: ${item}`).join',
        to: '`${JSON.stringify(shape.names[at])}: ${item}`).toReversed().join',
      },
    ],
  },
];

export const fieldFaults: readonly PlantedFault[] = [
  ...faults.map((fault) => ({ ...fault, dimension: 'events that are written oddly' }) as const),
  ...inShapes.map((fault) => ({ ...fault, dimension: 'odd writing that is read as a whole' }) as const),
];
