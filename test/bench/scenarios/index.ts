/** What is measured beside others: a file each, and a line here. */
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { e2eCount } from './e2e-count.ts';

export const scenarios: readonly Scenario[] = [e2eCount];
