/** What needs a browser: `.ci/browser`, and no part of `npm test`. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));
const seconds = 1000;

export default defineConfig({
  root,
  resolve: {
    alias: [{ find: /^kinesis-sluice$/, replacement: `${root}functions/index.ts` }],
    conditions: ['sluice-source'],
  },
  test: {
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 45 * seconds,
    hookTimeout: 30 * seconds,
    fileParallelism: false,
    execArgv: ['--conditions=sluice-source'],
    env: { NODE_COMPILE_CACHE: `${root}node_modules/.cache/node` },
  },
});
