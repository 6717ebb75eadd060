/** How queries of Arroyo are run: whole, and cut otherwise with a stop and a crash in the middle, over several shards. */
import { expect } from 'vitest';
import {
  type BatchOptions,
  type BatchResult,
  type PipelineDefinition,
  runPipeline,
  type TestBatch,
} from '../../functions/index.ts';
import { readLines } from './shared.ts';
import type { Variant } from './suite.ts';

/** How the lines of a file come: in so many batches, over so many shards. */
const ways: readonly { readonly batches: number; readonly shards: number }[] = [
  { batches: 1, shards: 1 },
  { batches: 8, shards: 4 },
  { batches: 24, shards: 3 },
];

function batchesOf<Input>(lines: readonly Input[], size: number, cuts: Variant['cuts']): TestBatch<Input>[] {
  const starts = Array.from({ length: Math.ceil(lines.length / size) }, (_, at) => at * size);
  const middle = starts[starts.length >> 1];
  return starts.flatMap((start, at) => {
    const isCut = cuts === 'everywhere' || start === middle;
    const batch = lines.slice(start, start + size);
    const crash = { crash: at % 2 === 0 ? ('reducing' as const) : ('reading' as const) };
    return isCut ? ['cut' as const, crash, batch] : [batch];
  });
}

/** `check` is given what came of all batches of a run. Nothing is late, and nothing is refused. */
export function inAllWays<Input, Row>(
  input: string,
  definition: PipelineDefinition<Input, Row>,
  { cuts, ...variant }: Variant,
  check: (batches: readonly BatchResult<Input, Row>[]) => void,
): void {
  const lines = readLines<Input>(input);
  for (const { batches: parts, shards } of ways) {
    const options: BatchOptions<Input> = {
      batches: batchesOf(lines, Math.ceil(lines.length / parts), cuts),
      shards,
      closeWindows: true,
      ...variant,
    };
    const batches = runPipeline(definition, options);
    check(batches);
    expect(batches.flatMap(({ late, deadLetters }) => [...late, ...deadLetters])).toEqual([]);
  }
}
