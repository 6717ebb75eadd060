/**
 * Bundles one step with one pipeline.
 *
 * Not NodejsFunction's own bundling: that looks for a lock file and a package manager around the user's project, starts
 * `npx` for each function and falls back to Docker when it finds no esbuild; this calls the esbuild that came with the
 * package.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync } from 'esbuild';
import type { BundledOutline } from '../functions/pipeline/outline.ts';
import { bundledFrom, moduleFile } from './bundle-options.ts';
import { filesLoaded } from './bundled-files.ts';
import type { StepFolder } from './steps.ts';

export type BundleStep = {
  readonly step: StepFolder;
  readonly pipelineFile: string;
  /** What the steps that run no user code are bundled with, in the place of the pipeline file. */
  readonly outline: BundledOutline;
  readonly assumesRole: boolean;
  /** Whether large values have a bucket. */
  readonly hasStateBucket: boolean;
  /** User code has clients of the AWS SDK, which may need all of it. */
  readonly bringsSdk: boolean;
  readonly warn: (text: string) => void;
};

export function bundleStep(bundle: BundleStep): Code {
  const { pipelineFile, outline, assumesRole, hasStateBucket, bringsSdk, warn } = bundle;
  const handlerFile = handlerOf(bundle);
  return Code.fromAsset(dirname(handlerFile), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK asks for an image, but never gets to it: the local bundling below always succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      // CDK reuses the asset of equal options, and functions don't count: what is bundled has to show in a plain value.
      environment: { SLUICE_BUNDLE: hashOf(pipelineFile, outline, assumesRole, hasStateBucket, bringsSdk) },
      local: {
        tryBundle(outputFolder) {
          for (const warning of writeBundle(bundle, outputFolder)) warn(warning);
          return true;
        },
      },
    },
  });
}

const handlerOf = ({ step }: Pick<BundleStep, 'step'>): string => moduleFile(`functions/steps/${step}/handler`);

const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

const withUserCode: readonly StepFolder[] = ['process-shards', 'reduce-key-group'];

/** Subscriptions are the only calls over HTTP/2, and the only ones that are answered by a stream of events. */
function withoutSubscriptions({
  step,
  outline,
  bringsSdk,
}: Omit<BundleStep, 'warn'>): Readonly<Record<string, string>> {
  const subscribes = step === 'process-shards' && outline.used.parts.FAN_OUT;
  if (subscribes || (bringsSdk && withUserCode.includes(step))) return {};
  return {
    '@smithy/core/event-streams': moduleFile('functions/adapters/kinesis/no-event-streams'),
    '@smithy/node-http-handler': moduleFile('functions/adapters/kinesis/no-http2'),
    // The stand-in itself has the rest from here.
    'sluice-http-handlers': dirname(createRequire(import.meta.url).resolve('@smithy/node-http-handler/package.json')),
  };
}

/** The folder of a package that another one brings. */
const packageOf = (name: string, broughtBy: string): string => {
  const from = createRequire(createRequire(import.meta.url).resolve(broughtBy));
  return dirname(from.resolve(`${name}/package.json`));
};

/** All but where it goes. */
export function bundleOptions(bundle: Omit<BundleStep, 'warn'>) {
  const common = bundledFrom(bundle.pipelineFile);
  return {
    ...common,
    alias: {
      ...common.alias,
      'sluice-roles': moduleFile(`functions/adapters/credentials/${bundle.assumesRole ? 'assumed-role' : 'no-roles'}`),
      ...withoutSubscriptions(bundle),
      'sluice-environment-credentials': packageOf('@aws-sdk/credential-provider-env', '@aws-sdk/credential-providers'),
      '@aws-sdk/credential-provider-node': moduleFile('functions/adapters/credentials/function-credentials'),
      '@aws-sdk/middleware-endpoint-discovery': moduleFile('functions/adapters/dynamodb/no-endpoint-discovery'),
    },
    define: {
      // Text: an object would be a module that each file asks for.
      SLUICE_OUTLINE: JSON.stringify(JSON.stringify({ ...bundle.outline, used: undefined })),
      ...usedIn(bundle),
    },
    entryPoints: { index: handlerOf(bundle) },
    ...clientOfS3(bundle),
    outExtension: { '.js': '.mjs' },
    minify: true,
    sourcemap: 'linked',
    // Positions are enough to read a stack trace; the sources stay at home.
    sourcesContent: false,
    legalComments: 'none',
  } as const satisfies BuildOptions;
}

/**
 * It has files of its own, and a start does not parse it (LAZY-1). Where there is none, files would keep what one alone leaves out; and what an `import()` that is
 * never reached could load would be made ready for it, with the half of the SDK: 10 kB, and 2 to 5 % of a start of the executor (`npm run bench:cold-start -- --no-bucket`).
 */
function clientOfS3({ hasStateBucket, outline }: Omit<BundleStep, 'warn'>) {
  if (hasStateBucket || outline.used.sinks.includes('s3')) return { splitting: true, external: [] };
  return {
    splitting: false,
    external: [moduleFile('functions/adapters/s3/bucket'), moduleFile('functions/adapters/s3/objects')],
  };
}

/** Kinds that no other pipeline needs, or the adapters of which none does. */
const kindsApart = {
  sinks: ['custom', 'dynamodb', 'firehose', 'forEachBatch', 'lambda', 's3'],
  windows: ['sliding', 'session', 'global', 'per-micro-batch'],
  aggregates: ['variance', 'stddev', 'percentile', 'first', 'last', 'collect', 'countDistinct', 'topK', 'custom'],
} as const;

/** PER_MICRO_BATCH_WINDOW */
const wordOf = (kind: string, of: keyof typeof kindsApart): string =>
  `${kind.replaceAll('-', '_')}_${of.slice(0, -1)}`.toUpperCase();

/** Whether the pipeline uses it, of each word in `functions/steps/bundled.d.ts`. */
function usedIn({
  outline,
  assumesRole,
  hasStateBucket,
}: Pick<BundleStep, 'outline' | 'assumesRole' | 'hasStateBucket'>): Readonly<Record<string, string>> {
  const kinds = (['sinks', 'windows', 'aggregates'] as const).flatMap((of) =>
    kindsApart[of].map((kind) => [wordOf(kind, of), outline.used[of].includes(kind)] as const),
  );
  const parts = { ...outline.used.parts, ROLES: assumesRole, STATE_BUCKET: hasStateBucket };
  const used = [...Object.entries(parts), ...kinds];
  return Object.fromEntries(used.map(([word, isUsed]) => [`globalThis.SLUICE_${word}`, String(isUsed)]));
}

function writeBundle(bundle: BundleStep, outputFolder: string): string[] {
  const { warnings, metafile } = buildSync({ ...bundleOptions(bundle), outdir: outputFolder, metafile: true });
  const loaded = filesLoaded(metafile, 'ever');
  for (const path of Object.keys(metafile.outputs)) if (!loaded.has(path.replace(/\.map$/, ''))) rmSync(path);
  return warnings.map(({ location, text }) =>
    location === null ? text : `${location.file}:${location.line}: ${text}`,
  );
}
