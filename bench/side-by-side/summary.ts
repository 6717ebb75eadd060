/** What the turns of variants say: ratios of the same round, since what slows the machine slows the neighbours in it alike. */
import type { TurnTaken } from './worker.ts';

export type Turns = { readonly name: string; readonly turns: readonly TurnTaken[] };

export type Comparison = {
  readonly scenario: string;
  readonly peer: string;
  /** Processor time of the peer over Sluice's: the median of all rounds. More than 1: Sluice takes less. */
  readonly ratio: number;
  /** A quarter of the rounds is below the first, a quarter above the second. */
  readonly spread: readonly [number, number];
  /** Microseconds of processor time a unit, medians. */
  readonly peerUs: number;
  readonly sluiceUs: number;
  /** The most memory that each process had. */
  readonly peerMb: number;
  readonly sluiceMb: number;
};

/** The first are Sluice's. */
export function compare(scenario: string, [sluice, ...peers]: readonly Turns[]): readonly Comparison[] {
  if (sluice === undefined) return [];
  const sluiceUs = perUnit(sluice);
  return peers.map((peer) => {
    refuseOther(sluice, peer);
    const peerUs = perUnit(peer);
    const ratios = peerUs.map((us, round) => us / sluiceUs[round]!);
    return {
      ...{ scenario, peer: peer.name, ratio: quantile(ratios, 0.5) },
      spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const,
      ...{ peerUs: quantile(peerUs, 0.5), sluiceUs: quantile(sluiceUs, 0.5) },
      ...{ peerMb: peakOf(peer), sluiceMb: peakOf(sluice) },
    };
  });
}

const perUnit = ({ turns }: Turns): readonly number[] =>
  turns.map(({ amount, cpuUs, units }) => (amount ?? cpuUs) / units);

const peakOf = ({ turns }: Turns): number => Math.max(...turns.map(({ peakMb }) => peakMb));

/** A peer that does other work is no peer. */
function refuseOther(sluice: Turns, peer: Turns): void {
  const ours = sluice.turns[0]?.digest;
  const theirs = peer.turns[0]?.digest;
  if (ours !== undefined && theirs !== undefined && ours !== theirs)
    throw new Error(`${peer.name} has other results than ${sluice.name}: ${theirs} against ${ours}`);
}

/** Between two neighbours by their distance. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
