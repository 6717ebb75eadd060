/**
 * Bundles one step with one pipeline.
 *
 * Not NodejsFunction's own bundling: that looks for a lock file and a package manager around the user's project, starts
 * `npx` for each function and falls back to Docker when it finds no esbuild; this calls the esbuild that came with the
 * package.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { bundledFrom, moduleFile } from './bundle-options.ts';
import type { StepFolder } from './steps.ts';

export type BundleStep = {
  readonly step: StepFolder;
  readonly pipelineFile: string;
  readonly warn: (text: string) => void;
};

export function bundleStep({ step, pipelineFile, warn }: BundleStep): Code {
  const handlerFile = moduleFile(`functions/steps/${step}/handler`);
  return Code.fromAsset(dirname(handlerFile), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK asks for an image, but never gets to it: the local bundling below always succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      // CDK reuses the asset of equal options, and functions don't count: the pipeline has to show in a plain value.
      environment: { SLUICE_PIPELINE_FILE: createHash('sha256').update(pipelineFile).digest('hex') },
      local: {
        tryBundle(outputFolder) {
          for (const warning of writeBundle(handlerFile, pipelineFile, outputFolder)) warn(warning);
          return true;
        },
      },
    },
  });
}

function writeBundle(handlerFile: string, pipelineFile: string, outputFolder: string): string[] {
  const { warnings } = buildSync({
    ...bundledFrom(pipelineFile),
    entryPoints: [handlerFile],
    minify: true,
    sourcemap: 'linked',
    // Positions are enough to read a stack trace; the sources stay at home.
    sourcesContent: false,
    legalComments: 'none',
    outfile: join(outputFolder, 'index.mjs'),
  });
  return warnings.map(({ location, text }) =>
    location === null ? text : `${location.file}:${location.line}: ${text}`,
  );
}
