/**
 * `npm run bench`: what an executor makes of events, and of records that hold several. `npm run bench -- state …`: what a batch costs
 * whose windows stay open (`state/main.ts`). `npm run bench -- level …`: whether what is stored stays level (`state/level.ts`).
 * `npm run bench -- cost …`: what a day costs (`cost/main.ts`). `npm run bench -- requests`: what a batch asks of the table (`cost/requests.ts`).
 * `npm run bench -- <scenario> …`, `npm run bench -- all …`: what others take for the same (`scenarios/`).
 * `npm run bench -- nexmark …`: queries of Nexmark on values alone (`bench/nexmark/main.ts`).
 */
import { scenarios } from './scenarios/index.ts';

const [what, ...flags] = process.argv.slice(2);

async function run(): Promise<number> {
  if (what === undefined) {
    await import('../../bench/executor.ts');
    await import('../../bench/aggregated-records.ts');
    return 0;
  }
  if (what === 'state') return (await import('./state/main.ts')).benchState(flags);
  if (what === 'level') return (await import('./state/main.ts')).benchLevel(flags);
  if (what === 'cost') return (await import('./cost/main.ts')).benchCost(flags);
  if (what === 'requests') return (await import('./cost/requests.ts')).benchRequests(flags);
  if (what === 'nexmark') return (await import('../../bench/nexmark/main.ts')).benchNexmark(flags);
  if (what === 'gate') return (await import('./scenarios/gate.ts')).benchGate(flags);
  const asked = what === 'all' ? scenarios : scenarios.filter(({ name }) => name === what);
  if (asked.length > 0) return (await import('./scenarios/main.ts')).benchScenarios(asked, flags);
  const known = ['state', 'level', 'cost', 'requests', 'nexmark', 'gate', 'all', ...scenarios.map(({ name }) => name)];
  process.stderr.write(
    `bench: ${JSON.stringify(what)} is not known; give nothing, or one of ${known.join(', ')} with options\n`,
  );
  return 2;
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS_')) throw error;
  process.stderr.write(`bench ${what}: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
