/** What could not be processed, by reason. A payload is shown when it is asked for, and travels in no model. */
import type { ReasonCount } from '../../../functions/core/dead-letter-tally.ts';
import { standOfRedrive } from '../../../functions/core/redrive.ts';
import { letterId, mostFirst, oneLine, redriveText } from '../../report/letter-text.ts';
import { lastReport, type PageFacts } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type DeadLettersModel = {
  /** The most first. */
  readonly events: readonly ReasonShown[];
  readonly rows: readonly ReasonShown[];
  /** How the redrive stands that was made last. Null: none was. */
  readonly redrive: string | null;
};

export type ReasonShown = {
  readonly reason: string;
  readonly count: number;
  /** By which the page asks for the payload. */
  readonly id: string;
  readonly shard: string;
  readonly message: string;
};

export const deadLettersPanel: Panel = {
  id: 'dead-letters',
  model: (facts): DeadLettersModel => {
    const { totals } = facts.history;
    return {
      events: mostFirst(totals.deadLetters).map(shown),
      rows: mostFirst(totals.refusedRows).map(shown),
      redrive: redriveOf(facts),
    };
  },
};

function redriveOf(facts: PageFacts): string | null {
  const { head, readAt } = facts;
  const stand = head && standOfRedrive(head, lastReport(facts), readAt ?? 0);
  return stand === undefined ? null : redriveText(stand);
}

const shown = ({ reason, count, example }: ReasonCount): ReasonShown => ({
  ...{ reason, count, id: letterId(example), shard: example.shardId },
  message: oneLine(example.message ?? 'Its message is in the letter.'),
});
