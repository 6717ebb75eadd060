/** What reducers are compared on: all windows of a workload, from its first batch until the last of them has closed. */
import type { Settings } from '../state/settings.ts';
import { tailBatches } from '../state/workload.ts';

/** How many windows are open, and which part of them a batch changes. */
export type CycleSize = Pick<Settings, 'entries' | 'touched'>;

export const cycleOf = ({ entries, touched }: CycleSize): Settings => ({
  ...{ entries, touched, groups: 1, windows: 8, tasks: 4, mode: 'append' },
  ...{ batches: 32 + tailBatches, tableOnly: false, json: true },
});

/** How long its windows are. */
export const hourMs = 3_600_000;

/** Of this process: all its threads. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
