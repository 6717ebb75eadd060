/** What stops a local run for a reason that its user can act on; each kind has an exit code of its own. */
export type ProblemKind = 'wrong-result' | 'usage' | 'unreachable' | 'another-driver' | 'aborted';

export const exitCodes: Readonly<Record<ProblemKind, number>> = {
  'wrong-result': 1,
  usage: 2,
  unreachable: 3,
  'another-driver': 4,
  aborted: 130,
};

export class LocalProblem extends Error {
  readonly kind: ProblemKind;

  constructor(kind: ProblemKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalProblem';
    this.kind = kind;
  }
}
