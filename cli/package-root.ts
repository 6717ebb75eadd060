/** The folder of this package: from the sources it is one up, from what was built two. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type PackageManifest = {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const places = ['../', '../../'].map((place) => new URL(place, import.meta.url));

const found = places.find((place) => existsSync(new URL('package.json', place)));

export const packageRoot = (): string => fileURLToPath(found ?? places[0]!);

/** As it was packed: with the versions that its own tests have run with. */
export const readManifest = (): PackageManifest =>
  JSON.parse(readFileSync(new URL('package.json', found ?? places[0]!), 'utf8')) as PackageManifest;
