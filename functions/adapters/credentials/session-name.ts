import type { AssumedRole } from '../../pipeline/stream.ts';

const longestSessionName = 64;

/** STS takes every character that a pipeline's name may have, but fewer of them. */
export function withSessionName(
  role: AssumedRole,
  pipelineName: string,
): AssumedRole & { readonly sessionName: string } {
  return { ...role, sessionName: role.sessionName ?? `sluice-${pipelineName}`.slice(0, longestSessionName) };
}
