/** The sizes that a report names, against what lies in the table when its batch is committed. */
import { isDeepStrictEqual } from 'node:util';
import { gatheringGroup } from '../../../functions/core/gather-rows.ts';
import { reducedGroups } from '../../../functions/core/group-states.ts';
import { isKept } from '../../../functions/core/kept-partials.ts';
import type { BatchBody } from '../../../functions/core/model.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { namedBy } from '../../../functions/core/state/manifest.ts';
import type { Stored, StoredState } from './stored.ts';
import type { Report } from './violation.ts';

type Figures = NonNullable<BatchProgress['sizes']['states']>['total'];

/** SIZE-1, SIZE-2. */
export function checkSizes(progress: BatchProgress | undefined, body: BatchBody, stored: Stored, report: Report): void {
  if (progress === undefined) return;
  const right = { ...statesOf(body, stored), blocks: blocksOf(body, stored), bodyChars: charsOf(body) };
  // Nothing that is stored says what reducers had of memory.
  const { reducerMemory: _, ...sizes } = progress.sizes;
  if (isDeepStrictEqual(sizes, right)) return;
  report(
    'sizes',
    `the report of batch ${body.batchId} says ${JSON.stringify(sizes)}; stored is ${JSON.stringify(right)}`,
  );
}

function statesOf(body: BatchBody, stored: Stored): Partial<BatchProgress['sizes']> {
  const groups = [...reducedGroups(body), gatheringGroup(body)];
  const all = groups.flatMap((keyGroup): Figures[] => {
    const state = stored.state(keyGroup, body.batchId, body.ref);
    return state === undefined ? [] : [figuresOf(keyGroup, state, stored)];
  });
  if (all.length === 0) return {};
  const of = (join: (...figures: number[]) => number) =>
    Object.fromEntries(names.map((name) => [name, join(...all.map((figures) => figures[name]))])) as Figures;
  return { states: { groups: all.length, total: of((...each) => each.reduce(add, 0)), most: of(Math.max) } };
}

const add = (left: number, right: number): number => left + right;

const names = ['entries', 'bytes', 'segments', 'runs', 'inlineChars', 'manifestChars', 'steps'] as const;

function figuresOf(keyGroup: number, { manifest, steps }: StoredState, stored: Stored): Figures {
  const segments = namedBy(manifest);
  const pages = manifest.inline?.pages ?? [];
  return {
    entries: [...segments.map(({ entries }) => entries), ...pages.map(([, entries]) => entries)].reduce(add, 0),
    bytes: segments.map((segment) => stored.bytesOf(keyGroup, segment) ?? Number.NaN).reduce(add, 0),
    segments: segments.length,
    runs: manifest.runs.length,
    inlineChars: pages.map(([, , text]) => text.length).reduce(add, 0),
    manifestChars: JSON.stringify(manifest).length,
    steps: steps.length,
  };
}

function blocksOf(body: BatchBody, stored: Stored): BatchProgress['sizes']['blocks'] {
  const byGroup: Record<number, number> = {};
  const kept = new Map<number, Iterator<number>>();
  for (const { task, nonce, groups } of body.blocks) {
    for (const group of groups) {
      const { keyGroup } = group;
      const ofGroup = kept.get(keyGroup) ?? stored.keptBytes(body, keyGroup).values();
      kept.set(keyGroup, ofGroup);
      const inBlock = isKept(group) ? (ofGroup.next().value as number | undefined) : undefined;
      const bytes = inBlock ?? stored.partialBytes(body, task, { nonce, group }) ?? Number.NaN;
      byGroup[group.keyGroup] = (byGroup[group.keyGroup] ?? 0) + bytes;
    }
  }
  const all = Object.values(byGroup);
  return { blocks: body.blocks.length, bytes: all.reduce(add, 0), mostOfGroup: Math.max(0, ...all) };
}

const charsOf = ({ shards: _, parts: __, replacedParts: ___, ...sealed }: BatchBody): number =>
  JSON.stringify(sealed).length;
