/** Kinds of tests by suffix and folder, each with the time it may take. `npx vitest run --project spec` runs one. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const seconds = 1000;
const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What takes longest of each group. Vitest knows by itself where it has run before; in a fresh clone it would begin with the largest files, and wait for these in the end. */
const longest = [
  'test/conformance/equivalence.property.ts',
  'test/simulation/planted.simulation.ts',
  'test/simulation/seeds.simulation.ts',
  'test/simulation/fat-records.simulation.ts',
  'test/loop/source-differential.http.ts',
  'test/package/package.spec.ts',
  'test/cli/dev.http.ts',
  'test/examples/examples.http.ts',
  'test/loop/deadly-rows.http.ts',
  'test/loop/kills.http.ts',
  'test/loop/deadly-records.timed.ts',
  'test/loop/fan-out.timed.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((file) => moduleId.endsWith(file));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => group(one) - group(other) || place(one) - place(other));
  }
}

export default defineConfig({
  resolve: {
    alias: [
      { find: /^kinesis-sluice$/, replacement: source('functions/index.ts') },
      { find: /^kinesis-sluice\/cdk$/, replacement: source('infra/index.ts') },
    ],
    conditions: ['sluice-source'],
  },
  test: {
    // One for each processor. It would be one less, which of two leaves half of the machine idle.
    maxWorkers: '100%',
    // What a test starts (a step's process, a command) finds the sources as well.
    execArgv: ['--conditions=sluice-source'],
    // And need not translate them again: that was a fifth of the CPU of what tests `sluice dev`.
    env: { NODE_COMPILE_CACHE: source('node_modules/.cache/node') },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          // The inner loop, `npm run test:unit`. Files share a process and what is loaded in it, here and where else `isolate` says so:
          // loading everything for each file took longer than the tests. So a file leaves nothing behind in a module or in the process.
          name: 'spec',
          include: ['test/**/*.spec.ts', 'template/*.test.ts'],
          exclude: ['test/infra/**', 'test/package/**'],
          isolate: false,
          testTimeout: 10 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // As `spec`, but they start processes or take seconds each.
        test: {
          name: 'slow',
          include: ['test/**/*.slow.ts'],
          isolate: false,
          testTimeout: 30 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'property',
          include: ['test/**/*.property.ts'],
          isolate: false,
          testTimeout: 60 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The whole product on simulated services, in virtual time. `npm run simulate` runs many more seeds.
        test: {
          name: 'simulation',
          include: ['test/**/*.simulation.ts'],
          testTimeout: 60 * seconds,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.spec.ts'],
          isolate: false,
          testTimeout: 120 * seconds,
          hookTimeout: 120 * seconds,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Embedded services, each file with its own: three files at a time, since much of it is waiting.
        test: {
          name: 'http',
          include: ['test/**/*.http.ts'],
          isolate: false,
          testTimeout: 120 * seconds,
          hookTimeout: 60 * seconds,
          maxWorkers: 3,
          // Bundled functions run as they are.
          server: { deps: { external: [/\/index\.mjs/] } },
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Real time is part of what these show: two files at a time, which wait for most of theirs, and nothing beside them.
        test: {
          name: 'timed',
          include: ['test/**/*.timed.ts'],
          testTimeout: 120 * seconds,
          hookTimeout: 60 * seconds,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        // Packs, installs and uses the package as a stranger would: one file, which waits for registry and processes.
        test: {
          name: 'package',
          include: ['test/package/**/*.spec.ts'],
          testTimeout: 240 * seconds,
          hookTimeout: 240 * seconds,
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
