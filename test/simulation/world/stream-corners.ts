/** Corners of the source stream: how often it is resharded, how long it keeps records, and what its numbers look like. */
import type { Random } from '../random.ts';
import type { NumberStyle } from '../services/kinesis/sequence-number.ts';
import type { Corner } from './corners.ts';
import type { Scenario } from './scenario.ts';

export type StreamCornerFields = {
  /** The operator keeps records for so many hours from then on. Milliseconds after the start. */
  readonly retentions?: readonly { readonly at: number; readonly hours: number }[];
  readonly numbers?: NumberStyle;
};

const hourMs = 3_600_000;

/** Whoever changes a stream that often waits for no listing. */
const soon = (describeMs: number): number => Math.min(describeMs, 10_000);

export const streamCorners: Readonly<Record<string, Corner>> = {
  'a deep lineage': {
    share: 0.02,
    draw: (random, { durationMs }) => ({ reshards: drawReshards(random, durationMs), silence: undefined }),
  },
  'retention changed': {
    share: 0.03,
    draw: (random, { durationMs, describeMs }) => ({
      retentions: drawRetentions(random, durationMs),
      describeMs: soon(describeMs),
    }),
  },
  'odd numbers': { share: 0.04, draw: (random) => ({ numbers: random.pick(['short', 'long'] as const) }) },
};

/** Mostly a split that is merged again; many at once are over before anybody saw them, or before the pipeline is there. */
function drawReshards(random: Random, durationMs: number): Scenario['reshards'] {
  const count = random.int(20, 32);
  const [from, forMs] = random.pick([
    [0, 1_500],
    [random.int(0, durationMs >> 1), 10_000],
    [0, durationMs],
  ] as const);
  return Array.from({ length: count }, (_, at) => ({
    at: from + Math.floor((at * forMs) / count),
    kind: at % 2 === 0 ? ('split' as const) : ('merge' as const),
  }));
}

/** Longer, and for some shorter again: no change brings back what was taken before. */
function drawRetentions(random: Random, durationMs: number): NonNullable<Scenario['retentions']> {
  // In an outage that is to come, after what was not read is gone.
  if (random.chance(0.3)) return [{ at: random.int(25, 30) * hourMs, hours: 168 }];
  const at = random.int(1_000, durationMs >> 1);
  const longer = { at, hours: random.pick([48, 72, 168]) };
  return random.chance(0.5) ? [longer, { at: random.int(at + 1_000, durationMs), hours: 24 }] : [longer];
}
