/** Whether, and how, a source drops what Sluice's sinks have sent again. */
import { duration, readOptions, text } from './option-rules.ts';
import { isPlainObject } from './options.ts';
import type { Deduplication } from './pipeline.ts';
import { notAllowed, type Problem } from './problems.ts';

const path = 'source.deduplicate';
const minuteMs = 60_000;
const defaultForgetAfterMs = 30 * 86_400_000;

const rules = {
  identityField: text('a field name of 1 to 64 characters', ({ length }) => length >= 1 && length <= 64, '_sluice'),
  // A sender that a crash has stopped is back in less.
  forgetAfter: duration({ atLeastMs: minuteMs }, defaultForgetAfterMs),
};

/** Undefined: repeats pass. */
export function checkDeduplicate(given: unknown, problems: Problem[]): Deduplication | undefined {
  if (given === undefined || given === false) return undefined;
  if (given !== true && !isPlainObject(given)) {
    problems.push(notAllowed(path, given, "true, false or an object of options, such as { forgetAfter: '60 days' }"));
    return undefined;
  }
  const { identityField, forgetAfter } = readOptions(path, given === true ? {} : given, rules, problems);
  return { identityField, forgetAfterMs: forgetAfter };
}
