/** A second output: it takes some keys, and of one of them it refuses what it is given. */
import { kinesis } from '../../../functions/index.ts';
import type { WrittenPipeline } from '../../../functions/pipeline/stages.ts';
import type { Scenario } from './scenario.ts';

/** `refuses`: a share of seeds has a key that it refuses. Of results only: of events the ledger says one fate. */
export type FurtherOutput = { readonly refuses: boolean };

export const furtherName = 'audit';
export const furtherSinkName = 'audited';
const refusedKey = 'key-1';

const sumOf = (key: string): number => [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0);

/** Two of three keys. */
export const isAudited = (key: string): boolean => sumOf(key) % 3 !== 0;

export const isRefused = ({ further }: Scenario, key: string): boolean =>
  further?.refuses === true && key === refusedKey;

type Keyed = { readonly key: string };

export function withFurther<Input, Row extends Keyed, Given extends readonly unknown[]>(
  written: WrittenPipeline<Input, Row, Given>,
  scenario: Scenario,
): WrittenPipeline<Input, Row, Given> {
  if (scenario.further === undefined) return written;
  return written.writeStream(kinesis({ streamName: furtherSinkName }), {
    name: furtherName,
    filter: (...[value]) => {
      const { key } = value as Keyed;
      if (isRefused(scenario, key)) throw new Error('not this one');
      return isAudited(key);
    },
    map: (...[value]) => ({ audited: (value as Keyed).key, of: 'first' }),
  });
}
