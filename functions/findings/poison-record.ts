/** An event that ends its executor, or a row that ends its reducer. */
import type { LetterExample } from '../core/dead-letter-tally.ts';
import { deathsToBury, type Suspicion } from '../core/suspicions.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { count, named, reportsOfToday } from './recent.ts';

export const poisonRecord: FindingKind = {
  kind: 'poison-record',
  severities: ['warning', 'critical'],
  when: 'An event has ended its executor, and its shard stands before it; or one that did so three times, or a row that ended its reducer, became a dead letter.',
  mend: 'Wait until it is a dead letter; then `sluice dead-letters list --reason crashed-executor`, mend the code, deploy it, and `sluice dead-letters redrive --reason crashed-executor`. What is `crashed-reducer` goes by a rewind, or is put back by hand.',
  find(facts) {
    const { head } = facts;
    const suspects = (head.suspicions?.shards ?? []).filter(({ suspect }) => suspect !== undefined);
    const known = new Set(suspects.map(({ shardId }) => shardId));
    const [newest] = reportsOfToday(facts);
    const held = (newest?.perShard ?? []).filter(({ state, shardId }) => state === 'held' && !known.has(shardId));
    const buried = reportsOfToday(facts).flatMap(({ deadLetters = [], refusedRows = [] }) =>
      [...deadLetters, ...refusedRows].filter(({ reason }) => isDeadly(reason)),
    );
    return [
      ...named(suspects, (shard) => ofSuspect(shard, head.pipeline), 'shards'),
      ...named(held, ({ shardId }) => ofHeld(shardId, head.pipeline), 'shards'),
      ...named(
        [...Map.groupBy(buried, ({ reason, example }) => `${reason} ${example.shardId}`).values()],
        (letters) => ofLetters(letters, head.pipeline),
        'shards',
      ),
    ];
  },
};

const isDeadly = (reason: string): boolean => reason === 'crashed-executor' || reason === 'crashed-reducer';

const redrive = (pipeline: string): string =>
  `\`sluice dead-letters redrive --pipeline ${pipeline} --reason crashed-executor\``;

const afterwards = (pipeline: string): string =>
  `then \`sluice dead-letters list --pipeline ${pipeline} --reason crashed-executor\` shows it: mend the code, deploy it, and ${redrive(pipeline)}`;

function ofSuspect({ shardId, suspect }: Suspicion, pipeline: string): Found {
  const { sequenceNumber, sub, deaths, how } = suspect!;
  return {
    severity: 'critical',
    subject: shardId,
    cause: `The event ${sequenceNumber}/${sub} has ended its executor ${times(deaths)} (${how}); the shard stands before it, the others go on.`,
    mend: `Wait some minutes: after ${deathsToBury} deaths it is a dead letter, and the shard goes on; ${afterwards(pipeline)}.`,
  };
}

const ofHeld = (shardId: string, pipeline: string): Found => ({
  severity: 'warning',
  subject: shardId,
  cause:
    'An event of it has ended its executor; the shard is read alone until it is known which one, and the others go on.',
  mend: `Wait some minutes: what ends its executor ${deathsToBury} times is a dead letter; ${afterwards(pipeline)}.`,
});

function ofLetters(
  letters: readonly { readonly reason: string; readonly count: number; readonly example: LetterExample }[],
  pipeline: string,
): Found {
  const [{ reason, example }] = letters as readonly [(typeof letters)[number]];
  const { shardId, sequenceNumber, subSequenceNumber, message, source } = example;
  const all = letters.reduce((sum, one) => sum + one.count, 0);
  const what = reason === 'crashed-executor' ? 'events ended their executors' : 'rows ended their reducers';
  const again = reason === 'crashed-executor' ? redrive(pipeline) : 'rewind, or write the row by hand';
  return {
    severity: 'warning',
    subject: shardId,
    cause: `${count(all)} ${what} and became dead letters (${reason}), such as ${sequenceNumber}/${subSequenceNumber}${message === undefined ? '' : `: ${message}`}`,
    mend: `\`sluice dead-letters show ${source}/${shardId}/${sequenceNumber}/${subSequenceNumber} --pipeline ${pipeline}\` has its payload: mend the code, deploy it, and ${again}.`,
  };
}

const times = (deaths: number): string => (deaths === 1 ? 'once' : `${deaths} times`);
