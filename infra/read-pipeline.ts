/**
 * Reads the user's pipeline file while the template is made, so that a wrong one stops there and not in Lambda.
 *
 * Synthesis is synchronous and a pipeline file is TypeScript, also below node_modules, where Node strips no types:
 * esbuild turns the file, and all it imports, into one CommonJS script that `require` can load. The check goes into the
 * same script, since a definition and its checker have to come from one copy of the library.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync, type Metafile } from 'esbuild';
import type { BundledOutline } from '../functions/pipeline/outline.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { bundledFrom, moduleFile, packageFolder } from './bundle-options.ts';
import { bringsAllOfZod } from './note-zod.ts';

export type ReadPipeline = {
  readonly pipeline: Pipeline;
  readonly outline: BundledOutline;
  /** Whether the file, or what it imports, has a client of the AWS SDK, or what such clients are made of. */
  readonly bringsSdk: boolean;
  readonly bringsAllOfZod: boolean;
};

/** `replaces`: whether the construct names other streams than the file. */
export function readPipeline(pipelineFile: string, replaces: boolean): ReadPipeline {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pipeline-'));
  try {
    const { script, metafile } = scriptOf(pipelineFile, replaces);
    const outfile = join(folder, 'pipeline.cjs');
    writeFileSync(outfile, script);
    const { pipeline, outline } = createRequire(outfile)(outfile) as Pick<ReadPipeline, 'pipeline' | 'outline'>;
    return { pipeline, outline, bringsSdk: importsSdk(metafile), bringsAllOfZod: bringsAllOfZod(metafile) };
  } catch (cause) {
    throw new Error(`The pipeline in ${pipelineFile} can't be deployed: ${reason(cause)}`, { cause });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Script = { readonly script: Uint8Array; readonly metafile: Metafile; readonly stamps: string };

/**
 * Of an app with several stages each has the file, which is read in a tenth of the time where none of its files has changed. It is loaded anew, since what it
 * says may depend on the environment.
 */
const scripts = new Map<string, Script>();

function scriptOf(pipelineFile: string, replaces: boolean): Script {
  const key = JSON.stringify([pipelineFile, replaces]);
  const known = scripts.get(key);
  if (known !== undefined && known.stamps === stampsOf(known.metafile)) return known;
  const { metafile, outputFiles } = buildSync({
    ...bundledFrom(pipelineFile),
    stdin: { contents: entry(replaces), resolveDir: packageFolder, loader: 'ts', sourcefile: 'read-pipeline.ts' },
    format: 'cjs',
    banner: {},
    // A script has no `import.meta`; the pipeline file, and what it imports, may ask where it lies.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(pipelineFile).href) },
    write: false,
    metafile: true,
  });
  const script = { script: outputFiles[0]!.contents, metafile, stamps: stampsOf(metafile) };
  scripts.set(key, script);
  return script;
}

/** When each file of which it is made was written, and how long it is; some are names of no file. */
const stampsOf = ({ inputs }: Metafile): string =>
  Object.keys(inputs)
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? '' : `${stat.mtimeMs} ${stat.size}`))
    .join();

function entry(allowLoop: boolean): string {
  const [checker, outliner] = ['check-pipeline', 'outline'].map((name) =>
    JSON.stringify(moduleFile(`functions/pipeline/${name}`)),
  );
  return `
    import definition from 'sluice-pipeline';
    import { requirePipeline } from ${checker};
    import { outlineOf } from ${outliner};
    export const pipeline = requirePipeline(definition, ${JSON.stringify({ allowLoop })});
    export const outline = outlineOf(definition, pipeline);
  `;
}

/** The checker needs none of it. */
const importsSdk = ({ inputs }: Metafile): boolean =>
  Object.values(inputs).some(({ imports }) =>
    imports.some(({ original }) => original !== undefined && /^@(smithy|aws-sdk)\//.test(original)),
  );

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
