/**
 * Templates of the Amazon Kinesis Data Generator: text with placeholders, one event each time it is rendered.
 *
 *     { "sensor": {{random.number(50)}}, "status": "{{random.arrayElement(["OK", "WARN"])}}", "at": "{{date.utc}}" }
 *
 * TEMPLATE-1 A template is read once and refused as a whole, with every problem in it. Each placeholder is tried out while
 *    reading, so that a bad argument is found before there is any event.
 * TEMPLATE-2 The same template, seed and time give the same event. `now` is also the time that `date.past` and its like go
 *    by.
 * TEMPLATE-3 One event, one line, as in the generator: line breaks in a template are left out, and so is space around it.
 * TEMPLATE-4 What the generator would write as "[object Object]" or in the format of a browser is made useful: objects and
 *    arrays become JSON, dates become ISO 8601.
 */
import type { Faker } from '@faker-js/faker';
import { findMethod, methodNames, scratchFaker } from './event-template-methods.ts';
import { scanPlaceholders, type TemplatePiece } from './event-template-syntax.ts';
import type { Context, Produce } from './event-template-types.ts';

export type EventTemplate = { readonly parts: readonly (string | Produce)[] };

export type TemplateProblem = {
  /** As it stands in the template, shortened if long. */
  readonly placeholder: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  /** Names that may have been meant; empty if the name is not the problem. */
  readonly closeNames: readonly string[];
};

export class EventTemplateError extends Error {
  readonly problems: readonly TemplateProblem[];

  constructor(problems: readonly TemplateProblem[]) {
    super(problems.map(describe).join('\n'));
    this.name = 'EventTemplateError';
    this.problems = problems;
  }
}

/** Throws an `EventTemplateError`. */
export function parseEventTemplate(text: string): EventTemplate {
  const problems: TemplateProblem[] = [];
  const trial: Context = { faker: scratchFaker(), now: new Date(0) };
  trial.faker.setDefaultRefDate(trial.now);

  const parts = scanPlaceholders(text).map((piece) => {
    const part = partOf(piece, trial);
    if (typeof part !== 'object') return part;
    problems.push({ ...part, placeholder: shorten(piece.text), ...positionIn(text, piece.offset) });
    return '';
  });
  if (problems.length > 0) throw new EventTemplateError(problems);
  return { parts: parts.filter((part) => part !== '') };
}

/** Sets the reference date of the faker given to `now` (TEMPLATE-2). */
export function render(template: EventTemplate, { faker, now }: { faker: Faker; now: Date }): string {
  faker.setDefaultRefDate(now);
  let text = '';
  for (const part of template.parts) text += typeof part === 'string' ? part : toText(part({ faker, now }));
  return text;
}

type Problem = Pick<TemplateProblem, 'reason' | 'closeNames'>;

function partOf(piece: TemplatePiece, trial: Context): string | Produce | Problem {
  if (piece.kind === 'text') return piece.text.replace(/\r?\n/g, '');
  if (piece.kind === 'broken') return { reason: piece.reason, closeNames: [] };

  const method = findMethod(piece.name);
  if (method === undefined) return { reason: `there is no "${piece.name}"`, closeNames: closeTo(piece.name) };
  try {
    const produce = method(piece.args);
    return tryOut(produce, trial) ?? produce;
  } catch (error) {
    return { reason: messageOf(error), closeNames: [] };
  }
}

/** What faker says about a bad argument is seldom in words of the template, so it only stands in brackets. */
function tryOut(produce: Produce, trial: Context): Problem | undefined {
  try {
    toText(produce(trial));
    return undefined;
  } catch (error) {
    return { reason: `faker cannot make it with this argument (${messageOf(error)})`, closeNames: [] };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || typeof value === 'function') throw new TypeError('it gives no value');
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function describe({ placeholder, line, column, reason, closeNames }: TemplateProblem): string {
  const hint = closeNames.length === 0 ? '' : `; did you mean ${closeNames.join(', ')}?`;
  return `line ${line}, column ${column}: ${placeholder}: ${reason}${hint}`;
}

function shorten(text: string): string {
  const oneLine = text.replace(/\s+/g, ' ');
  return oneLine.length <= 60 ? oneLine : `${oneLine.slice(0, 57)}…`;
}

function positionIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** At most five names: with few letters of difference, or the same method in another module, or else of the same module. */
function closeTo(name: string): readonly string[] {
  const wanted = name.toLowerCase().slice(0, 60);
  const method = wanted.slice(wanted.lastIndexOf('.') + 1);
  const close = methodNames()
    .map((candidate) => {
      const known = candidate.toLowerCase();
      const isSameMethod = known.endsWith(`.${method}`);
      return { candidate, distance: isSameMethod ? 1 : editDistance(wanted, known) };
    })
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 4))
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
  const sameModule = name.slice(0, name.indexOf('.') + 1);
  const names = close.length > 0 ? close : methodNames().filter((candidate) => candidate.startsWith(sameModule));
  return names.slice(0, 5);
}

/** Letters to put in, take out or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
