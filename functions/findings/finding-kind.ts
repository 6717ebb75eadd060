/** A kind of finding: a file, and a line in `index.ts`. */
import type { PipelineFacts } from './facts.ts';
import type { Finding, Severity } from './finding.ts';

export type Found = Omit<Finding, 'kind'>;

export type FindingKind = {
  /** Lower case, with hyphens. */
  readonly kind: string;
  /** How bad it may be. */
  readonly severities: readonly Severity[];
  /** When it is found, for the reference: a sentence. */
  readonly when: string;
  /** What to do, for the reference: a sentence. */
  readonly mend: string;
  /** Pure: the same facts give the same findings. */
  readonly find: (facts: PipelineFacts) => readonly Found[];
};
