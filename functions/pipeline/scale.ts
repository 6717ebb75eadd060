/** How wide a batch may be: what a definition can ask for. A test holds it against what the state machine runs. */
import { notAllowed, type Problem } from './problems.ts';

/** Executors side by side. */
export const mostTasks = 1_600;
/** Reducers side by side. */
export const mostKeyGroups = 400;
/** Each executor may have something for each key group, and the body of a batch names all of it: every reducer reads that. */
export const mostPairs = 16_000;
/** So many of each run without nested executions. */
export const usualTasks = 40;

/** Of both together; each alone is checked as an option. */
export function refuseTooMany(
  { maxTasks, parallelism }: { readonly maxTasks: number; readonly parallelism: number },
  problems: Problem[],
): void {
  if (maxTasks * parallelism <= mostPairs) return;
  const allowed =
    `at most ${Math.floor(mostPairs / parallelism)} with a parallelism of ${parallelism}, ` +
    `since \`maxTasks\` times \`parallelism\` may be ${mostPairs.toLocaleString('en')}`;
  problems.push(notAllowed('options.maxTasks', maxTasks, allowed));
}
