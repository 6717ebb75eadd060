/** The outputs of a pipeline. */
import type { Output, Pipeline } from './pipeline.ts';
import { lateOutput, letterOutput } from './side-outputs.ts';

/** Of the first `writeStream`. */
export const mainOutput = 'main';

export const outputsFrom = <Given extends Pick<Output, 'from'>>(
  { outputs }: { readonly outputs: readonly Given[] },
  from: Output['from'],
): readonly Given[] => outputs.filter((output) => output.from === from);

/** Whether what comes to the outputs is something else than what came in. */
export const makesValues = (operations: readonly { readonly kind: string }[]): boolean =>
  operations.some(({ kind }) => kind === 'map' || kind === 'flatMap');

/** Whose records executors send. */
export const isSentWhileReading = ({ sent }: Pick<Output, 'sent'>): boolean => sent === 'while-reading';

/** Whose records come with the rows of a batch, from its outbox. */
export const isFromOutbox = ({ sent }: Pick<Output, 'sent'>): boolean => sent === 'after-seal';

/** Ids of the others whose records an outbox has. */
export const besideResults = ({ outputs }: Pick<Pipeline, 'outputs'>): readonly string[] =>
  outputs.filter((output) => output.from !== 'results' && isFromOutbox(output)).map(({ id }) => id);

/** Those that executors count, since they alone know what becomes of an event there: with aggregation none. */
export const countedWhileReading = ({
  outputs,
  aggregation,
}: Pick<Pipeline, 'outputs' | 'aggregation'>): readonly Output[] => (aggregation === undefined ? outputs : []);

const pathsOfSides: Readonly<Record<string, string>> = {
  [lateOutput]: 'sideOutputLate',
  [letterOutput]: 'deadLettersTo',
};

/** Where its options stand in messages. */
export const pathOfOutput = (id: string): string =>
  id === mainOutput ? 'sink' : (pathsOfSides[id] ?? `outputs.${id}`);
