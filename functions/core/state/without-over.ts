/** A manifest without segments of which all slices are over: they are let go of unread. */
import type { Manifest, Run } from './manifest.ts';

/** `overUpTo`: of the batch. What was over before stays so. */
export function withoutOver(manifest: Manifest, overUpTo = Number.NEGATIVE_INFINITY): Manifest {
  const over = Math.max(overUpTo, manifest.overUpTo ?? Number.NEGATIVE_INFINITY);
  if (over === Number.NEGATIVE_INFINITY) return manifest;
  const { inline, ...rest } = manifest;
  const pages = (inline?.pages ?? []).filter(([slice]) => slice > over);
  return {
    ...rest,
    runs: runsWithout(manifest.runs, over),
    ...(pages.length === 0 ? {} : { inline: { ...inline, pages } }),
    overUpTo: over,
  };
}

const runsWithout = (runs: readonly Run[], over: number): readonly Run[] =>
  runs.flatMap(({ level, segments, rest }): readonly Run[] => {
    const left = segments.filter(({ slices: [, last] }) => last > over);
    const runsLeft = rest === undefined ? [] : runsWithout(rest.runs, over);
    if (left.length + runsLeft.length === 0) return [];
    return [
      { level, segments: left, ...(runsLeft.length === 0 ? {} : { rest: { from: rest!.from, runs: runsLeft } }) },
    ];
  });
