/** A second output: it takes some keys, or some rows of them, and of one key it refuses what it is given. */
import type { WrittenPipeline } from '../../../functions/pipeline/stages.ts';
import type { Scenario } from './scenario.ts';
import { streamFor } from './sealed-outputs.ts';

export type FurtherOutput = {
  /** A share of seeds has a key that it refuses. Of results only: of events the ledger says one fate. */
  readonly refuses: boolean;
  /** Of rows it takes those with an even number of events: a later version may be no more for it. */
  readonly isByEvents?: true;
};

export const furtherName = 'audit';
export const furtherSinkName = 'audited';
export const lateSinkName = 'late-events';
const refusedKey = 'key-1';

const sumOf = (key: string): number => [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0);

type Keyed = {
  /** There is none where all are one group. */
  readonly key?: string;
  readonly events?: number;
};

/** Two of three keys. */
export const isAudited = ({ further }: Scenario, { key = '', events = 0 }: Keyed): boolean =>
  (key === '' || sumOf(key) % 3 !== 0) && (further?.isByEvents !== true || events % 2 === 0);

export const isRefused = ({ further }: Scenario, key: string | undefined): boolean =>
  further?.refuses === true && key === refusedKey;

export function withFurther<Input, Row, Given extends readonly unknown[]>(
  written: WrittenPipeline<Input, Row, Given>,
  scenario: Scenario,
): WrittenPipeline<Input, Row, Given> {
  if (scenario.further === undefined) return written;
  return written.writeStream(streamFor<object>(scenario, furtherName, furtherSinkName), {
    name: furtherName,
    filter: (...[value]) => {
      const given = value as Keyed;
      if (isRefused(scenario, given.key)) throw new Error('not this one');
      return isAudited(scenario, given);
    },
    map: (...[value]) => {
      const { key = '', events = 0 } = value as Keyed;
      return { audited: key, of: 'first', events };
    },
  });
}
