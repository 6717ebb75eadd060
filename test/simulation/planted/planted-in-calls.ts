/** Rows that a function of the user's own is called with: what is taken, which rows they are, and what a death says. */
import type { PlantedFault } from './planted-faults.ts';

const called = 'functions/adapters/callback/in-time.ts';
const parts = 'functions/core/parts-of-outbox.ts';
const sending = 'functions/steps/reduce-key-group/send-parts.ts';
const reduce = 'functions/steps/reduce-key-group/reduce-key-group.ts';
const trial = 'functions/core/call-trial.ts';
const ofSides = 'calls with late events or letters';

const faults: readonly Omit<PlantedFault, 'profile'>[] = [
  {
    name: 'a-call-that-threw-has-taken-its-rows',
    edits: [
      {
        file: called,
        from: "    (thrown: unknown): Answered<Answer> => ({ kind: 'failed', why: `threw ${nameAndPlace(thrown)}` }),",
        to: "    (thrown: unknown): Answered<Answer> => ({ kind: 'answered', answer: nameAndPlace(thrown) as Answer }),",
      },
    ],
  },
  {
    name: 'a-call-without-an-answer-has-taken-its-rows',
    edits: [
      {
        file: called,
        from: "return { kind: 'failed', why: 'gave no answer in time' };",
        to: "return { kind: 'answered', answer: undefined as Answer };",
      },
    ],
  },
  {
    name: 'rows-count-as-taken-before-the-call',
    edits: [
      {
        file: sending,
        from: '    await this.#note({ inHand: { from: call.from, upTo: call.upTo }, taken: call.from });',
        to: '    await this.#note({ inHand: { from: call.from, upTo: call.upTo }, taken: call.upTo });',
      },
    ],
  },
  {
    name: 'a-part-begins-where-the-option-of-today-says',
    edits: [
      { file: reduce, from: '...partRowsOf(pipeline), ', to: '' },
      {
        file: sending,
        from: 'partsOf(given.state, given.output.id)',
        to: 'partsOf({ ...given.state, partRows: { [given.output.id]: given.output.sink.kind.rowsInPart!(given.output.sink.options) } }, given.output.id)',
      },
    ],
  },
  {
    name: 'a-row-between-two-parts-is-left-out',
    edits: [
      {
        file: parts,
        from: '    for (let from = begin; from < end; from += most)',
        to: '    for (let from = begin; from < end; from += most + 1)',
      },
    ],
  },
  {
    name: 'where-parts-of-events-end-is-not-stored',
    edits: [
      {
        file: parts,
        from: '    .filter(isInParts)\n',
        to: "    .filter((output) => isInParts(output) && output.from === 'results')\n",
      },
    ],
  },
  {
    name: 'parts-are-counted-anew-in-each-step',
    edits: [{ file: parts, from: 'part: parts.length, step', to: 'part: (from - begin) / most, step' }],
  },
  {
    name: 'calls-are-named-without-their-key-group',
    edits: [
      {
        file: 'functions/sinks/for-each-batch.ts',
        from: '    keyGroup,\n    alone === undefined',
        to: '    keyGroup * 0,\n    alone === undefined',
      },
    ],
  },
  {
    name: 'a-death-that-was-noted-is-that-of-what-stood-before',
    edits: [
      {
        file: trial,
        from: '      return [output, hasDied ? withDeathOf(free, inHand, now) : free];',
        to: '      return [output, hasDied ? { ...withDeathOf(free, inHand, now), taken: inHand.upTo } : free];',
      },
    ],
  },
  {
    name: 'late-events-and-letters-are-sent-without-their-part',
    dimension: ofSides,
    edits: [
      {
        file: parts,
        from: '=> sink.kind.rowsInPart !== undefined;',
        to: "=> sink.kind.rowsInPart !== undefined && (from === 'results' || from === 'events');",
      },
      { file: parts, from: 'isInParts = ({ sink }', to: 'isInParts = ({ from, sink }' },
    ],
  },
  {
    name: 'a-letter-of-a-row-is-given-as-the-row',
    dimension: 'calls with letters of rows',
    edits: [
      {
        file: 'functions/sinks/for-each-batch.ts',
        from: '  if (isOfLetter(identity)) return letterOf(value as DeadLetterRecord);\n',
        to: '',
      },
    ],
  },
  {
    name: 'letters-of-a-row-that-two-outputs-give-up-share-an-identity',
    dimension: 'rows that two outputs give up',
    edits: [
      {
        file: 'functions/core/letter-of-call.ts',
        from: 'output: `${letters.id}/${output.id}`',
        to: 'output: letters.id',
      },
    ],
  },
  {
    name: 'letters-of-what-was-given-up-are-not-sent',
    dimension: 'rows that two outputs give up',
    edits: [
      {
        file: 'functions/steps/reduce-key-group/given-up-letters.ts',
        from: 'if (made.length === 0) return stored;',
        to: 'if (made.length >= 0) return stored;',
      },
    ],
  },
  {
    name: 'a-row-that-two-outputs-give-up-counts-twice',
    dimension: 'rows that two outputs give up',
    edits: [{ file: trial, from: 'if (row !== undefined && lost.has(row)) continue;\n', to: '' }],
  },
  {
    name: 'where-parts-of-late-events-and-letters-end-is-not-stored',
    dimension: ofSides,
    edits: [
      {
        file: parts,
        from: '    .filter(isInParts)\n',
        to: "    .filter((output) => isInParts(output) && (output.from === 'results' || output.from === 'events'))\n",
      },
    ],
  },
  {
    name: 'a-part-is-sent-behind-one-that-failed',
    edits: [
      {
        file: sending,
        from: '    if (undelivered !== undefined) throw undelivered.error;\n    return undefined;\n  }\n\n  #partOf',
        to: '    if (undelivered !== undefined && part.part === 0) throw undelivered.error;\n    return undefined;\n  }\n\n  #partOf',
      },
    ],
  },
];

export const callFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, profile: 'calls' }));
