/**
 * The files of the page: its own, as they lie here, and two of packages. There is no build step, and nothing else is ever served.
 *
 * ASSETS-1 A file is found in this list or not at all: no part of a request's path ever becomes a path of the disk.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Asset = { readonly type: string; readonly body: Buffer };

export type Assets = {
  /** By the path of its address. */
  readonly files: ReadonlyMap<string, Asset>;
  /** What a Content-Security-Policy says of the one script that is not a file: the map of imports. */
  readonly inlineScript: string;
};

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** By the names under which the page imports them. */
const vendored = ['preact', 'htm'] as const;

export function loadAssets(): Assets {
  const folder = new URL('./assets/', import.meta.url);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const own = names
    .filter((name) => typeOf(name) !== undefined)
    .map((name) => [`/${name}`, { type: typeOf(name)!, body: readFileSync(new URL(name, folder)) }] as const);
  const foreign = vendored.map(
    (name) =>
      [
        `/vendor/${name}.js`,
        { type: types.js!, body: withoutMap(readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8')) },
      ] as const,
  );
  const files = new Map<string, Asset>([...own, ...foreign]);
  const page = files.get('/index.html')!;
  files.set('/', page);
  return { files, inlineScript: `'sha256-${digestOfScript(page.body.toString('utf8'))}'` };
}

const typeOf = (name: string): string | undefined => types[/\.(\w+)$/.exec(name)?.[1] ?? ''];

/** The map is not served. */
const withoutMap = (code: string): Buffer => Buffer.from(code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));

function digestOfScript(html: string): string {
  const script = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1];
  if (script === undefined) throw new Error('the page has no map of imports');
  return createHash('sha256').update(script).digest('base64');
}
