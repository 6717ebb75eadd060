/** The drawings of the loop and of its time are the machine that is deployed, and README's line of it a way through it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nextStates, type State } from '../../state-machine/asl.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';
import { placeholders } from '../../state-machine/render.ts';
import { codeIn, fencesOf, readDocument } from './documents.ts';

const { definition, timing } = microBatch({ functions: placeholders, type: 'EXPRESS' });
const page = readDocument('docs/concepts/loop.md');
const drawing = fencesOf(page).find(({ text }) => text.startsWith('NewRun'))!.text;

type Arrow = { readonly from: string; readonly to: string; readonly label: string };

/**
 * A state, an arrow, a state: the first leads to the second. Branches begin where a `┬` stands and belong to the state
 * before it; the word on a branch is the answer that takes it.
 */
function arrowsOf(text: string): Arrow[] {
  const arrows: Arrow[] = [];
  const branches = new Map<number, string>();
  for (const line of text.split('\n')) {
    let from: string | undefined;
    let label = '';
    for (const { 0: token, index } of line.matchAll(/[A-Z][A-Za-z]+|[a-z][A-Za-z-]*|[┬├└]/g)) {
      if (token === '┬') branches.set(index, from!);
      if (token === '├' || token === '└') from = branches.get(index);
      if (/^[a-z]/.test(token)) label = token;
      if (!/^[A-Z]/.test(token)) continue;
      if (from !== undefined) arrows.push({ from, to: token, label });
      from = token;
      label = '';
    }
  }
  return arrows;
}

/** What follows a state when nothing fails. */
function stepsOf(name: string, state: State): Arrow[] {
  if (state.Type === 'Choice') {
    const choices = state.Choices.map((choice) => ({
      from: name,
      to: choice.Next,
      // Which answer it was, or which of several facts is true.
      label: choice.StringEquals ?? choice.Variable.split('.').at(-1)!,
    }));
    return state.Default === undefined ? choices : [...choices, { from: name, to: state.Default, label: 'else' }];
  }
  return 'Next' in state && state.Next !== undefined ? [{ from: name, to: state.Next, label: '' }] : [];
}

/** What follows a state, with nothing but choices between. */
function after(name: string): string[] {
  return nextStates(definition.States[name]!).flatMap((next) =>
    definition.States[next]!.Type === 'Choice' ? [next, ...after(next)] : [next],
  );
}

const asText = ({ from, to, label }: Arrow): string => `${from} ─${label}► ${to}`;

describe('the drawing of the loop', () => {
  const drawn = new Set(arrowsOf(drawing).map(asText));
  const built = Object.entries(definition.States).flatMap(([name, state]) => stepsOf(name, state));

  test('has every arrow of the machine, and no other', () => {
    expect([...drawn].toSorted()).toEqual([...new Set(built.map(asText))].toSorted());
  });

  test('is the one at the head of the code', () => {
    const [head] = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync('state-machine/micro-batch.ts', 'utf8'))!;
    expect(head.replaceAll(/^ \* ?/gm, '')).toContain(`\n\n${drawing}\n`);
  });

  test('leaves to the text only the states of maps and of errors, which it names', () => {
    const inMaps = Object.values(definition.States).flatMap((state) =>
      state.Type === 'Map' ? Object.keys(state.ItemProcessor.States) : [],
    );
    const all = [...Object.keys(definition.States), ...inMaps];
    const named = new Set([...codeIn(page), ...arrowsOf(drawing).flatMap(({ from, to }) => [from, to])]);
    expect(all.filter((state) => !named.has(state))).toEqual([]);
    const caught = Object.values(definition.States).flatMap((state) => nextStates(state));
    for (const state of Object.keys(definition.States)) {
      if (drawing.includes(state)) continue;
      expect(caught, `${state} is not drawn`).toContain(state);
    }
  });

  test('is one way through it in README', () => {
    const text = /^ trigger .*$/m.exec(readDocument('README.md'))![0];
    const states = [...text.matchAll(/[A-Z][A-Za-z]+/g)].map(([name]) => name);
    expect(states).toEqual(['PlanBatch', 'ProcessShards', 'SealBatch', 'ReduceKeyGroups', 'CommitBatch']);
    for (const [at, state] of states.slice(1).entries()) expect(after(states[at]!)).toContain(state);
  });

  test('names no state that there is not', () => {
    for (const { from, to } of arrowsOf(drawing)) {
      expect(Object.keys(definition.States)).toContain(from);
      expect(Object.keys(definition.States)).toContain(to);
    }
  });
});

test('the drawing of the time at the head of the code has the spans of the machine', () => {
  const [head] = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync('state-machine/timing.ts', 'utf8'))!;
  const [moments = '', spans = ''] = head.split('\n').slice(3);
  const secondsIn = (line: string): number[] => [...line.matchAll(/(\d+) s\b/g)].map(([, seconds]) => Number(seconds));
  const { rotateAfterSeconds, reduceUntilSeconds, planToSealSeconds, sealToCommitSeconds, commitToPlanSeconds } =
    timing;
  const lastEnd = reduceUntilSeconds + sealToCommitSeconds;
  const end = definition.TimeoutSeconds!;
  expect(secondsIn(moments)).toEqual([0, rotateAfterSeconds, lastEnd, end]);
  expect(secondsIn(spans)).toEqual([commitToPlanSeconds + planToSealSeconds + sealToCommitSeconds, end - lastEnd]);
  expect(head).toContain(`${rotateAfterSeconds} s is rotateAfterSeconds.`);
});
