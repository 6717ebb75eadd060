/** The state by window and key. It is read from the table when it is asked for: the model says only what there is to ask for. */
import type { PageFacts } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type StateModel = {
  /** Of the last committed batch that has some. Null: it keeps none, or nothing was committed. */
  readonly batchId: number | null;
  readonly groups: number;
  readonly entries: number;
  readonly bytes: number;
};

export const statePanel: Panel = {
  id: 'state',
  model: ({ history }: PageFacts): StateModel => {
    const last = history.reports.findLast(({ sizes }) => sizes.states !== undefined);
    const { groups = 0, total } = last?.sizes.states ?? {};
    return { batchId: last?.batchId ?? null, groups, entries: total?.entries ?? 0, bytes: total?.bytes ?? 0 };
  },
};
