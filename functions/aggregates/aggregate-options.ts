/** What a constructor of an aggregate is given beside the selector. */
import { type Rule, readOptions } from '../pipeline/option-rules.ts';
import { isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';

/** `option` is that of the aggregate, such as `aggregate.spread`. */
export function readAggregateOptions<R extends Readonly<Record<string, Rule<unknown>>>>(
  option: string,
  { options = {} }: RawOptions,
  rules: R,
  problems: Problem[],
): ReturnType<typeof readOptions<R>> {
  if (!isPlainObject(options)) problems.push(notAllowed(option, options, 'an object of options'));
  return readOptions(option, isPlainObject(options) ? options : {}, rules, problems);
}
