/**
 * `npm run bench`: what an executor makes of events, and of records that hold several. `npm run bench -- state …`: what a batch costs
 * whose windows stay open (`state/main.ts`). `npm run bench -- level …`: whether what is stored stays level (`state/level.ts`).
 * `npm run bench -- cost …`: what a day costs (`cost/main.ts`).
 */
const [what, ...flags] = process.argv.slice(2);

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
} else {
  process.stderr.write(
    `bench: ${JSON.stringify(what)} is not known; give nothing, or 'state', 'level' or 'cost' with options\n`,
  );
  process.exitCode = 2;
}
