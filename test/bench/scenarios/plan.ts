/** Which executor reads which shard, of streams of many shards. */
import type { Scenario, VariantPlace } from '../../../bench/side-by-side/scenario.ts';

const sluice: VariantPlace = { name: 'sluice', module: 'test/bench/scenarios/sluice-plan.ts' };
const leases: VariantPlace = { name: 'lease-loop', module: 'bench/peers/lease-loop.ts' };
/** Its time grows with the square of the shards: of ten thousand a turn takes a minute. */
const lifion: VariantPlace = { name: 'lifion-kinesis', module: 'bench/peers/lifion-leases.ts' };

const scenarioOf = (shards: number, peers: readonly VariantPlace[]): Scenario => ({
  name: `plan-${shards}`,
  what: `${shards.toLocaleString('en')} shards by 25 a task, with a listing of them, all in memory; a unit is a shard`,
  variants: [sluice, ...peers],
  callsATurn: 20_000 / shards,
  settings: { shards },
});

export const plans: readonly Scenario[] = [scenarioOf(1_000, [leases, lifion]), scenarioOf(10_000, [leases])];
