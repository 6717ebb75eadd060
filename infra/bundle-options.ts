/** What esbuild has to know to join a pipeline file with this package, in the repository and in an installed package. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/** The repository's own tree runs from TypeScript; an installed package has only what the build made of it. */
const runsFromSource = import.meta.url.endsWith('.ts');
const extension = runsFromSource ? 'ts' : 'js';

/** The folder above `functions`, `infra` and `state-machine`: the repository, or `dist`. */
export const packageFolder = fileURLToPath(new URL('..', import.meta.url));

export function moduleFile(path: string): string {
  return fileURLToPath(new URL(`../${path}.${extension}`, import.meta.url));
}

export function bundledFrom(pipelineFile: string) {
  if (!existsSync(pipelineFile)) throw new Error(`There is no pipeline file ${pipelineFile}.`);
  return {
    bundle: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'silent',
    // Naming conditions replaces esbuild's own 'module'; with it, packages that have both shapes come in as ES modules.
    conditions: runsFromSource ? ['sluice-source', 'module'] : ['module'],
    mainFields: ['module', 'main'],
    alias: {
      'sluice-pipeline': pipelineFile,
      // One copy of the library in a bundle, wherever the pipeline file lies.
      'kinesis-sluice': moduleFile('functions/pipeline/index'),
    },
  } as const satisfies BuildOptions;
}
