/**
 * Small breakages of the product, each as a change of its source. The harness must find every one of them: a check that
 * cannot fail proves nothing. Rows D1 to D39 are those of the model that the protocol was checked with.
 */
import { chainFaults } from './planted-in-chain.ts';
import { protocolFaults } from './planted-in-protocol.ts';
import { readingFaults } from './planted-in-reading.ts';
import { watermarkFaults } from './planted-in-watermark.ts';

export type Edit = { readonly file: string; readonly from: string; readonly to: string };

export type PlantedFault = {
  readonly name: string;
  /** Of the model's table, where it is from there. */
  readonly row?: string;
  readonly edits: readonly Edit[];
};

export const plantedFaults: readonly PlantedFault[] = [
  ...protocolFaults,
  ...chainFaults,
  ...watermarkFaults,
  ...readingFaults,
];
