/** Which requests a batch makes of the table, step by step: the product's own functions and state machine on simulated services. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withGenerated } from '../../docs/documents.ts';
import { nameOfCall } from '../../simulation/world/calls.ts';
import { plainScenario } from '../../simulation/world/plain-scenario.ts';
import type { Scenario } from '../../simulation/world/scenario.ts';
import { World } from '../../simulation/world/world.ts';

export type TableRequest = {
  readonly step: string;
  /** Of the simulation: verb and kind of item. */
  readonly call: string;
  readonly writeUnits: number;
  readonly readUnits: number;
};

export type CountedBatches = {
  /** Of each turn of the loop, from its plan to the next one's, hand-overs left out. */
  readonly turns: readonly (readonly TableRequest[])[];
  /** All requests of these turns, with purges and hand-overs, by turn. */
  readonly mean: Record<'writes' | 'reads' | 'writeUnits' | 'readUnits', number>;
};

const page = 'docs/cost.md';
const triggerMs = 10_000;
const minBatchesToRetain = 40;
/** As many as a purge comes round in, so that the mean has its share. */
const turnsCounted = 32;
const turnsBefore = minBatchesToRetain + 16;

/** One shard, one key group, an event of a few keys in each batch; idle: nothing comes any more. */
export async function countRequests(load: 'idle' | 'small'): Promise<CountedBatches> {
  const durationMs = (turnsBefore + turnsCounted + 6) * triggerMs;
  const coming =
    load === 'idle' ? { everyMs: 100, events: 100 } : { everyMs: 2_000, events: Math.round(durationMs / 2_000) };
  const scenario: Scenario = {
    ...plainScenario,
    ...{ shards: 1, sinkShards: 1, parallelism: 1, keys: 5, durationMs, triggerMs, ...coming, perRecord: 1 },
    ...{ shardsPerTask: 'auto', maxFetch: 10_000, describeMs: 60_000, delayMs: 10_000, windowMs: 60_000 },
    ...{ idleTimeoutMs: 15_000, minBatchesToRetain, startingPosition: 'TRIM_HORIZON', oddShare: 0 },
    ...{ maxClockSkewMs: 0, coldShare: 0, hasOwnCode: false },
  };
  const requests: TableRequest[] = [];
  let units = { writeUnits: 0, readUnits: 0 };
  const world = new World({
    ...{ seed: 1, scenario, faults: [], mostRequests: Number.POSITIVE_INFINITY },
    onRequest: (step, request) => {
      if (request.service !== 'dynamodb') return;
      const { writeUnits, readUnits } = world.dynamodb.billed;
      const billed = { writeUnits: writeUnits - units.writeUnits, readUnits: readUnits - units.readUnits };
      units = { writeUnits, readUnits };
      requests.push({ step, call: nameOfCall(request), ...billed });
    },
  });
  const begin = world.scheduler.now + turnsBefore * triggerMs;
  const counted: TableRequest[] = [];
  world.scheduler.at(begin, () => void requests.splice(0));
  world.scheduler.at(begin + turnsCounted * triggerMs, () => void counted.push(...requests));
  const { violations } = await world.run();
  if (violations.length > 0) throw new Error(`it went wrong: ${violations.map(({ detail }) => detail).join('; ')}`);
  return { turns: turnsIn(counted), mean: meanOf(counted) };
}

/** A hand-over's last plan releases the lease, and its successor plans at once: it is of no turn. */
function turnsIn(requests: readonly TableRequest[]): TableRequest[][] {
  const turns: TableRequest[][] = [];
  for (const request of requests) {
    if (request.step === 'plan-batch' && request.call === 'load-head') turns.push([]);
    turns.at(-1)?.push(request);
  }
  // The last one was cut.
  return turns.slice(0, -1).filter((turn) => turn.length > 1 && !turn.some(({ call }) => call === 'release'));
}

const isWrite = ({ call }: TableRequest): boolean => !/^(load|query)-/.test(call);

function meanOf(requests: readonly TableRequest[]): CountedBatches['mean'] {
  const sum = (of: (request: TableRequest) => number) =>
    requests.reduce((total, request) => total + of(request), 0) / turnsCounted;
  return {
    writes: sum((request) => (isWrite(request) ? 1 : 0)),
    reads: sum((request) => (isWrite(request) ? 0 : 1)),
    writeUnits: sum(({ writeUnits }) => writeUnits),
    readUnits: sum(({ readUnits }) => readUnits),
  };
}

const asText = (turn: readonly TableRequest[]): string => turn.map(({ step, call }) => `${step} ${call}`).join('\n');

/** What most turns ask, in one order: steps ask some things side by side. */
export function usual(turns: readonly (readonly TableRequest[])[]): readonly TableRequest[] {
  const sorted = turns.map((turn) => [...turn].sort((one, other) => (asText([one]) < asText([other]) ? -1 : 1)));
  const [most] = [...Map.groupBy(sorted, asText).values()].sort((one, other) => other.length - one.length);
  return most![0]!;
}

const steps = ['plan-batch', 'process-shards', 'seal-batch', 'reduce-key-group', 'commit-batch'];

/** By step: writes and reads of a batch that finds nothing, and of a small one. */
export function markdownOfRequests(idle: CountedBatches, small: CountedBatches): string {
  const named = (turn: readonly TableRequest[], step: string, writes: boolean): string =>
    turn
      .filter((request) => request.step === step && isWrite(request) === writes)
      .map(({ call }) => call.replace(/^(load|put|query)-/, '').replace('progress', 'report'))
      .join(', ');
  const lines = [[idle, 'nothing'] as const, [small, 'little'] as const].flatMap(([{ turns }, found]) => {
    const turn = usual(turns);
    return steps
      .filter((step) => turn.some((request) => request.step === step))
      .map((step) => [found, step, named(turn, step, true), named(turn, step, false)]);
  });
  const head = ['Found', 'Step', 'Writes', 'Reads'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `npm run bench -- requests [--write]`: prints them; with `--write` into `docs/cost.md`. */
export async function benchRequests(flags: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...flags], options: { write: { type: 'boolean', default: false } } });
  const [idle, small] = [await countRequests('idle'), await countRequests('small')];
  const markdown = markdownOfRequests(idle, small);
  process.stdout.write(`${markdown}\n`);
  for (const [found, { mean }] of Object.entries({ nothing: idle, little: small }))
    process.stdout.write(`${found}, a turn with purges and hand-overs: ${JSON.stringify(mean)}\n`);
  if (values.write) writeFileSync(page, withGenerated(readFileSync(page, 'utf8'), 'requests', markdown));
  return 0;
}
