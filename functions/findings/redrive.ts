/** Dead letters that are taken once more: how far it is, and which of them stay for what they do to executors. */
import { type StandOfRedrive, standOfRedrive } from '../core/redrive.ts';
import type { PipelineFacts } from './facts.ts';
import { wholePipeline } from './finding.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { count, instant, span } from './recent.ts';

const dayMs = 86_400_000;

export const redrive: FindingKind = {
  kind: 'redrive',
  severities: ['info', 'warning'],
  when: 'Dead letters are being redriven; a warning where executors die of them, until a day after the redrive was made.',
  mend: 'Nothing while it goes on, or `sluice dead-letters redrive --cancel`; code that dies of letters is to be mended, and these redriven again.',
  find(facts) {
    const { head, reports, now } = facts;
    const [last] = reports;
    const stand = standOfRedrive(head, last, now);
    if (stand === undefined) return [];
    if (stand.state === 'under-way') return [underWay(facts, stand)];
    return stand.soFar.deadly.length > 0 && now - stand.madeAt < dayMs ? [ended(facts, stand)] : [];
  },
};

/** As a part of a sentence: what has become of the letters that were taken. */
export function becameOf({ soFar }: StandOfRedrive): string {
  const { letters, dead, missing, unreadable, deadly } = soFar;
  const parts = [
    `${count(letters - dead)} counted`,
    ...(dead > 0 ? [`${count(dead)} dead again`] : []),
    ...(missing > 0 ? [`${count(missing)} gone`] : []),
    ...(unreadable > 0 ? [`${count(unreadable)} written by newer code`] : []),
    ...(deadly.length > 0 ? [`${count(deadly.length)} passed over, of which executors died`] : []),
  ];
  return parts.join(', ');
}

function underWay({ head, now }: PipelineFacts, stand: StandOfRedrive): Found {
  const { request, taken, madeAt } = stand;
  const known = head.suspicions?.redrive;
  const deaths = known?.request === request ? known : undefined;
  const died =
    deaths === undefined
      ? ''
      : `; ${count(deaths.deaths)} executors died of letters, the last one ${span(now - deaths.diedAt)} ago`;
  const cancel = `\`sluice dead-letters redrive --cancel --pipeline ${head.pipeline}\` calls it off`;
  return {
    severity: deaths === undefined ? 'info' : 'warning',
    subject: wholePipeline,
    cause: `${count(taken)} of ${count(stand.count)} dead letters are redriven since ${instant(madeAt)} (${becameOf(stand)})${died}.`,
    mend:
      deaths === undefined
        ? `Each batch takes up to 1,000 while the pipeline runs; ${cancel}.`
        : `The letter that is to blame is found and passed over in a few batches; ${cancel}.`,
  };
}

function ended({ head }: PipelineFacts, stand: StandOfRedrive): Found {
  const { state, taken, soFar } = stand;
  const [first] = soFar.deadly;
  const { shardId, sequenceNumber, subSequenceNumber } = first!;
  const how = state === 'given-up' ? 'was given up, since executors died of too many letters' : `is ${state}`;
  return {
    severity: 'warning',
    subject: wholePipeline,
    cause: `The last redrive ${how}: ${count(taken)} of ${count(stand.count)} dead letters were taken (${becameOf(stand)}).`,
    mend:
      `\`sluice dead-letters show main/${shardId}/${sequenceNumber}/${subSequenceNumber} --pipeline ${head.pipeline}\` shows the first of them; ` +
      'mend the code that ends its function, deploy it, and redrive them again.',
  };
}
