/** What is wrong, where, and what mends it: the first thing on the page. */
import type { PageFacts, PageFinding } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type FindingsModel = {
  /** Worst first. */
  readonly findings: readonly PageFinding[];
  /** How many more there are than are shown. */
  readonly more: number;
};

const most = 20;
const bySeverity = ['critical', 'warning', 'info'];

export const findingsPanel: Panel = {
  id: 'findings',
  model: (facts): FindingsModel => {
    const all = [...ofThePage(facts), ...facts.findings].sort(
      (one, other) => bySeverity.indexOf(one.severity) - bySeverity.indexOf(other.severity),
    );
    return { findings: all.slice(0, most), more: Math.max(0, all.length - most) };
  },
};

/** What no report tells: a batch that fails has none. */
function ofThePage({ live, pipeline, trouble }: PageFacts): PageFinding[] {
  const failure = live?.failure;
  const found: PageFinding[] = [];
  if (failure !== undefined)
    found.push({
      kind: 'step-failing',
      severity: failure.count > 1 ? 'critical' : 'warning',
      subject: pipeline,
      cause: `${failure.step} failed ${failure.count === 1 ? 'once' : `${failure.count} times in a row`}: ${failure.error}: ${failure.message}`,
      mend: 'Nothing is lost: the step is tried again. Look the error up in docs/reference/errors.md; --verbose shows where it came from.',
    });
  if (trouble !== undefined)
    found.push({
      kind: 'table-unreadable',
      severity: 'critical',
      subject: pipeline,
      cause: `The table can't be read: ${trouble}`,
      mend: 'What is shown is what was read last. Check credentials, region, --table and the network.',
    });
  return found;
}
