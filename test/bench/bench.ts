/**
 * `npm run bench`: what an executor makes of events, and of records that hold several. `npm run bench -- state …`: what a batch costs
 * whose windows stay open (`state/main.ts`). `npm run bench -- level …`: whether what is stored stays level (`state/level.ts`).
 * `npm run bench -- cost …`: what a day costs (`cost/main.ts`). `npm run bench -- requests`: what a batch asks of the table (`cost/requests.ts`).
 * `npm run bench -- <scenario> …`: what others take for the same (`scenarios/`).
 * `npm run bench -- nexmark …`: queries of Nexmark on values alone (`bench/nexmark/main.ts`).
 */
import { scenarios } from './scenarios/index.ts';

const [what, ...flags] = process.argv.slice(2);
const scenario = scenarios.find(({ name }) => name === what);

if (what === undefined) {
  await import('../../bench/executor.ts');
  await import('../../bench/aggregated-records.ts');
} else if (what === 'state') {
  const { benchState } = await import('./state/main.ts');
  process.exitCode = await benchState(flags);
} else if (what === 'level') {
  const { benchLevel } = await import('./state/main.ts');
  process.exitCode = await benchLevel(flags);
} else if (what === 'cost') {
  const { benchCost } = await import('./cost/main.ts');
  process.exitCode = await benchCost(flags);
} else if (what === 'requests') {
  const { benchRequests } = await import('./cost/requests.ts');
  process.exitCode = await benchRequests(flags);
} else if (what === 'nexmark') {
  const { benchNexmark } = await import('../../bench/nexmark/main.ts');
  process.exitCode = benchNexmark(flags);
} else if (what === 'gate') {
  const { benchGate } = await import('./scenarios/gate.ts');
  process.exitCode = await benchGate(flags);
} else if (scenario !== undefined) {
  const { benchScenario } = await import('./scenarios/main.ts');
  process.exitCode = await benchScenario(scenario, flags);
} else {
  const known = ['state', 'level', 'cost', 'requests', 'nexmark', 'gate', ...scenarios.map(({ name }) => name)].join(
    ', ',
  );
  process.stderr.write(`bench: ${JSON.stringify(what)} is not known; give nothing, or one of ${known} with options\n`);
  process.exitCode = 2;
}
