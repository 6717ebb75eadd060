/** What `withReference` was given. */
import type { ReferenceDefinition } from './definition.ts';
import { formatDuration } from './duration.ts';
import { callback, duration, readOption, readOptions, text } from './option-rules.ts';
import type { RawOptions } from './options.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import type { ReferenceSpec } from './references.ts';

const maxReferences = 10;
/** Where no `staleAfter` is given. */
const usualStaleness = 10;

const nameRule = text(
  'a name of 1 to 32 letters, digits or _, beginning with a letter',
  (value) => /^[A-Za-z][A-Za-z0-9_]{0,31}$/.test(value),
  '',
);

export const referenceRules = {
  every: duration({ atLeastMs: 1_000 }, 3_600_000),
  staleAfter: duration({ atLeastMs: 1_000 }, undefined),
  version: callback<(value: never) => string>(),
};

const loadAllowed = 'a function that loads it, with or without async';

export function checkReferences(given: readonly ReferenceDefinition[], problems: Problem[]): readonly ReferenceSpec[] {
  if (given.length > maxReferences)
    problems.push(notAllowed('withReference', given.length, `it ${maxReferences} times at most`));
  return given.flatMap((reference, at) => {
    const { name, load } = reference;
    if (name === undefined) problems.push(missing('withReference', nameRule.allowed));
    if (given.findIndex((other) => other.name === name) < at)
      problems.push(notAllowed('withReference', name, 'each name once'));
    const checked = readOption('withReference', name, nameRule, problems);
    const path = `withReference ${checked === '' ? at : checked}`;
    const spec = { name: checked, ...checkOptions(path, reference.options, problems) };
    if (typeof load === 'function') return [{ ...spec, load: load as () => unknown }];
    problems.push(
      load === undefined ? missing(`${path}.load`, loadAllowed) : notAllowed(`${path}.load`, load, loadAllowed),
    );
    return [];
  });
}

function checkOptions(path: string, options: RawOptions, problems: Problem[]): Omit<ReferenceSpec, 'name' | 'load'> {
  const { every, staleAfter, version } = readOptions(path, options, referenceRules, problems);
  if (options.every === undefined) problems.push(missing(`${path}.every`, referenceRules.every.allowed));
  if (staleAfter !== undefined && staleAfter < every) {
    const allowed = `a duration of at least every, ${formatDuration(every)}`;
    problems.push(notAllowed(`${path}.staleAfter`, options.staleAfter, allowed));
  }
  return { everyMs: every, staleAfterMs: staleAfter ?? usualStaleness * every, versionOf: version };
}
