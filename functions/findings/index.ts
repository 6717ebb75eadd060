/** All kinds of findings, and what they find in a pipeline. */
import type { PipelineFacts } from './facts.ts';
import type { Finding, Severity } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { stopped } from './stopped.ts';

/** Among findings of one severity those of the first kind come first. */
export const findingKinds: readonly FindingKind[] = [stopped];

const worstFirst: readonly Severity[] = ['critical', 'warning', 'info'];

/** The worst first. Empty: nothing is known to be wrong. */
export function findingsOf(facts: PipelineFacts, kinds: readonly FindingKind[] = findingKinds): readonly Finding[] {
  const found = kinds.flatMap(({ kind, find }) => find(facts).map((finding): Finding => ({ kind, ...finding })));
  return found.toSorted((one, other) => worstFirst.indexOf(one.severity) - worstFirst.indexOf(other.severity));
}
