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

/**
 * What a CommonJS module finds around it, for those that come to stand in one ES module. Without it a dependency that
 * loads `node:util` as it is loaded itself breaks every function. On one line, since source maps count lines; what the
 * modules themselves declare under these names is renamed by minifying.
 */
const commonJsAround = [
  "import { createRequire as __sluiceCreateRequire } from 'node:module';",
  'const require = __sluiceCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join(' ');

/** One ES module, as functions load it. */
export function bundledFrom(pipelineFile: string) {
  if (!existsSync(pipelineFile)) throw new Error(`There is no pipeline file ${pipelineFile}.`);
  return {
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: commonJsAround },
    target: 'node24',
    logLevel: 'silent',
    // Naming conditions replaces esbuild's own 'module'; with it, packages that have both shapes come in as ES modules.
    conditions: runsFromSource ? ['sluice-source', 'module'] : ['module'],
    mainFields: ['module', 'main'],
    alias: {
      'sluice-pipeline': pipelineFile,
      // One copy of the library in a bundle, wherever the pipeline file lies.
      'kinesis-sluice': moduleFile('functions/index'),
      'kinesis-sluice/protobuf': moduleFile('functions/protobuf'),
      'kinesis-sluice/state': moduleFile('functions/state'),
    },
  } as const satisfies BuildOptions;
}
