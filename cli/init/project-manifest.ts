/** The package.json of a new project; what is there already is kept, but for what would keep the project from running. */
import type { PackageManifest } from '../package-root.ts';

export type Manifest = Readonly<Record<string, unknown>>;

/** Of a project beside the package itself. The versions are those that the package is tested with, or later ones of their kind. */
const dependencies = ['aws-cdk-lib', 'constructs', 'zod'];
const devDependencies = ['@types/node', 'aws-cdk', 'typescript', 'vitest'];

const scripts = {
  dev: 'sluice dev',
  check: 'sluice check',
  test: 'vitest run',
  synth: 'cdk synth',
  deploy: 'cdk deploy',
};

/** What commands take when they are told no file. */
const sluice = { pipeline: 'departures.ts', dev: { input: 'flights.ndjson', partitionKey: 'origin' } };

/** npm asks about scripts of packages that are installed; what these bring works without them. */
const allowScripts = { 'classic-level': false, esbuild: false, 'kinesis-sluice': false };

export type ManifestParts = {
  readonly own: PackageManifest;
  /** The package.json that is there. */
  readonly existing: Manifest | undefined;
  readonly name: string;
  /** What the project depends on the package by: a range, or the file it was installed from. */
  readonly dependency: string;
};

export function projectManifest({ own, existing = {}, name, dependency }: ManifestParts): Manifest {
  const {
    type: _,
    scripts: ofScripts,
    dependencies: has,
    devDependencies: hasDev,
    sluice: settings,
    ...rest
  } = existing;
  const versions = { ...own.dependencies, ...own.devDependencies };
  const ranges = (names: readonly string[]) => Object.fromEntries(names.map((each) => [each, `^${versions[each]}`]));
  return {
    ...(existing.name === undefined ? { name, private: true } : {}),
    ...rest,
    type: 'module',
    engines: { node: own.engines.node, ...recordOf(existing.engines) },
    scripts: { ...scripts, ...withoutPlaceholder(ofScripts) },
    sluice: settings ?? sluice,
    allowScripts: { ...allowScripts, ...recordOf(existing.allowScripts) },
    dependencies: sorted({ ...ranges(dependencies), [own.name]: dependency, ...recordOf(has) }),
    devDependencies: sorted({ ...ranges(devDependencies), ...recordOf(hasDev) }),
  };
}

/** That of `npm init`. */
function withoutPlaceholder(given: unknown): Record<string, unknown> {
  const { test, ...others } = recordOf(given);
  const isPlaceholder = test === undefined || String(test).includes('no test specified');
  return isPlaceholder ? others : { ...others, test };
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));

/** A name that npm takes, of the folder's. */
export function projectName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
    .slice(0, 214);
  return name === '' ? 'pipeline' : name;
}
