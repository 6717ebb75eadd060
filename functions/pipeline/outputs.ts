/** The outputs of a pipeline. */
import type { Output } from './pipeline.ts';
import { lateOutput } from './side-outputs.ts';

/** Of the first `writeStream`. */
export const mainOutput = 'main';

export const outputsFrom = <Given extends Pick<Output, 'from'>>(
  { outputs }: { readonly outputs: readonly Given[] },
  from: Output['from'],
): readonly Given[] => outputs.filter((output) => output.from === from);

/** Whether what comes to the outputs is something else than what came in. */
export const makesValues = (operations: readonly { readonly kind: string }[]): boolean =>
  operations.some(({ kind }) => kind === 'map' || kind === 'flatMap');

/** Whose records come with the rows of a batch, from its outbox. */
export const isFromOutbox = ({ from }: Pick<Output, 'from'>): boolean => from !== 'events';

const pathsOfSides: Readonly<Record<string, string>> = { [lateOutput]: 'sideOutputLate' };

/** Where its options stand in messages. */
export const pathOfOutput = (id: string): string =>
  id === mainOutput ? 'sink' : (pathsOfSides[id] ?? `outputs.${id}`);
