/** `sluice dead-letters redrive`: letters that the pipeline is to take once more, now that its code was mended. */
import { randomUUID } from 'node:crypto';
import { createDeadLetterReader, type DeadLetterReader } from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import type { Table } from '../../functions/adapters/dynamodb/table.ts';
import { type LateChoice, lateChoices } from '../../functions/core/redrive.ts';
import {
  type Chosen,
  callOffRedrive,
  chooseLetters,
  type ListedLetter,
  requestRedrive,
  type WhyLeft,
} from '../../functions/operations/redrive.ts';
import type { Bucket } from '../../functions/ports/bucket.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { letterPlace } from '../../local/report/letter-text.ts';
import { number } from '../../local/report/progress-text.ts';
import { confirm } from '../confirm.ts';
import type { Flags } from '../flags.ts';
import { withTable } from '../local-state.ts';
import { requirePipelineName, textOf } from '../option-values.ts';
import { print, say } from '../print.ts';
import { letterFilter } from './letter-options.ts';
import { UnreadableLetters } from './unreadable-letters.ts';

export async function redriveLetters(ids: readonly string[], options: Flags): Promise<void> {
  if (options.cancel === true) return cancelRedrive(ids, options);
  const pipeline = requirePipelineName(options);
  const filter = letterFilter(options);
  const late = lateOf(options);
  if (filter.source === 'results') throw new LocalProblem('usage', `--source results: ${whyText.results}`);
  if (ids.length > 0 && Object.values(filter).some((value) => value !== undefined))
    throw new LocalProblem('usage', 'name ids, or choose by --reason, --source and --shard: not both');
  const places = ids.map(placeOf);
  await withTable(options, async (table, bucket) => {
    const operated = openOperated({ table, bucket, pipeline });
    const reader = createDeadLetterReader(table, pipeline);
    const unreadable = new UnreadableLetters();
    const candidates = ids.length === 0 ? reader.list(filter, unreadable.add) : named(reader, pipeline, places);
    const chosen = await chooseLetters(operated, candidates);
    if (ids.length > 0) refuseLeft(chosen);
    const texts = [...leftTexts(chosen), ...unreadable.lines(' and are left where they are')];
    const left = { ...Object.fromEntries(chosen.left), ...unreadable.left };
    if (chosen.letters.length === 0) {
      if (options.json === true) print(JSON.stringify({ pipeline, request: null, letters: 0, left }));
      else print(['No dead letters to redrive.', ...texts].join('\n'));
      return;
    }
    const count = chosen.letters.length.toLocaleString('en');
    const what = `${count} dead letters of ${pipeline} will go through the pipeline again (${reasonsOf(chosen)}). Those that are counted are deleted.`;
    await confirm([what, ...texts].join('\n'), options);
    const { request } = await requestRedrive(operated, chosen, late);
    if (options.json === true) {
      print(JSON.stringify({ pipeline, request, letters: chosen.letters.length, late, left }));
      return;
    }
    if (options.yes === true) for (const text of texts) say(text);
    print(
      `${count} dead letters of ${pipeline} go through the pipeline again with its next batches (redrive ${request}).`,
    );
  });
}

function openOperated(of: { readonly table: Table; readonly bucket: Bucket | undefined; readonly pipeline: string }) {
  const stores = createStores(openStorage({ ...of, clock: systemClock, newId: randomUUID }));
  return { ...stores, name: of.pipeline, clock: systemClock, newId: randomUUID };
}

/** What is counted stays counted; the rest stays what it is. */
async function cancelRedrive(ids: readonly string[], options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const chosenBy = ['reason', 'source', 'shard', 'late'].filter((name) => options[name] !== undefined);
  const besides = [...ids, ...chosenBy.map((name) => `--${name}`)];
  if (besides.length > 0)
    throw new LocalProblem(
      'usage',
      `--cancel calls off the redrive that is under way, all of it: leave out ${besides.join(', ')}`,
    );
  await withTable(options, async (table, bucket) => {
    const { request, taken, count } = await callOffRedrive(openOperated({ table, bucket, pipeline }));
    if (options.json === true) print(JSON.stringify({ pipeline, request, taken, left: count - taken }));
    else
      print(
        `The redrive ${request} of ${pipeline} is called off: ${number(taken)} of ${number(count)} letters are taken, ` +
          `and ${number(count - taken)} stay dead letters.`,
      );
  });
}

function lateOf(options: Flags): LateChoice {
  const late = textOf(options, 'late') ?? 'output';
  const known = lateChoices.find((each) => each === late);
  if (known === undefined) throw new LocalProblem('usage', `--late ${late}: use one of ${lateChoices.join(', ')}`);
  return known;
}

function placeOf(id: string) {
  const place = letterPlace(id);
  if (place === undefined)
    throw new LocalProblem('usage', `${id} is no dead letter: use an id that \`npx sluice dead-letters list\` shows`);
  return place;
}

type Place = ReturnType<typeof placeOf>;

async function* named(
  reader: DeadLetterReader,
  pipeline: string,
  places: readonly Place[],
): AsyncGenerator<ListedLetter> {
  const seen = new Set<string>();
  for (const place of places) {
    const id = idOf(place);
    if (seen.has(id)) continue;
    seen.add(id);
    const letter = await reader.load(place);
    if (letter === undefined)
      throw new LocalProblem(
        'usage',
        `Pipeline ${pipeline} has no dead letter ${id}; they expire by the pipeline's \`deadLetterRetention\`.`,
      );
    yield letter;
  }
}

const idOf = ({ source, shardId, sequenceNumber, subSequenceNumber }: Place): string =>
  `${source}/${shardId}/${sequenceNumber}/${subSequenceNumber}`;

/** What was asked for by name is not passed over. */
function refuseLeft({ left }: Chosen): void {
  const whys = [...left].map(([why, count]) => `${count} of the letters can't be redriven: ${whyText[why]}`);
  if (whys.length > 0) throw new LocalProblem('usage', `${whys.join('\n')}\nNothing has changed.`);
}

const whyText: Readonly<Record<WhyLeft, string>> = {
  results: 'rows that were refused are of a result that is decided; mend the code and rewind, or write them by hand',
  corrupt: 'records that can not be taken apart hold no event that code could mend',
  uncounted:
    'no committed batch counts them as dead: a try that came to nothing has left them, or a version of Sluice that kept no lists',
};

const leftTexts = ({ left }: Chosen): readonly string[] =>
  [...left].map(([why, count]) => `${count.toLocaleString('en')} are left where they are: ${whyText[why]}.`);

function reasonsOf({ letters }: Chosen): string {
  const counts = new Map<string, number>();
  for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const mostFirst = [...counts].sort(([, one], [, other]) => other - one);
  return mostFirst.map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`).join(', ');
}
