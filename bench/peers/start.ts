/**
 * The start of a function that reads a shard by hand (`started-handler.ts`), with the SDK's clients as they come. Settings: `sdk` is `'bundled'`, as one script, or
 * `'of the runtime'`, from the packages beside it, which is what `NodejsFunction` of the CDK does if nothing else is said.
 */
import path from 'node:path';
import { build } from 'esbuild';
import type { Variant } from '../side-by-side/scenario.ts';
import { startsOf } from '../side-by-side/starts.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'bundle');

const variant: Variant<{ readonly sdk: 'bundled' | 'of the runtime' }> = async ({ endpoint }, { sdk }) => {
  const { outputFiles } = await build({
    entryPoints: { index: path.join(import.meta.dirname, 'started-handler.ts') },
    ...{ bundle: true, write: false, minify: true, platform: 'node', format: 'cjs', target: 'node24' },
    external: sdk === 'bundled' ? [] : ['@aws-sdk/*', '@smithy/*'],
    outExtension: { '.js': '.cjs' },
    outdir: folder,
  });
  // Lambda, too, says by it where the packages of its runtime lie.
  const env = { ...process.env, AWS_ENDPOINT_URL: endpoint, NODE_PATH: path.join(root, 'node_modules') };
  return {
    run: async (calls) => startsOf({ files: outputFiles, folder, entry: 'index.cjs', event: {}, env }, calls),
  };
};

export default variant;
