/** The outputs of a pipeline. */
import type { Output } from './pipeline.ts';

/** Of the first `writeStream`. */
export const mainOutput = 'main';

export const outputsFrom = <Given extends Pick<Output, 'from'>>(
  { outputs }: { readonly outputs: readonly Given[] },
  from: Output['from'],
): readonly Given[] => outputs.filter((output) => output.from === from);

/** Whether what comes to the outputs is something else than what came in. */
export const makesValues = (operations: readonly { readonly kind: string }[]): boolean =>
  operations.some(({ kind }) => kind === 'map' || kind === 'flatMap');

/** Where its options stand in messages. */
export const pathOfOutput = (id: string): string => (id === mainOutput ? 'sink' : `outputs.${id}`);
