/** `npm run docs [-- --serve]`: installs what builds the site, from its own lock file, builds it, and refuses wrong links. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { wrongLinks } from './links.ts';

const here = import.meta.dirname;
const [flag, ...more] = process.argv.slice(2);
if (more.length > 0 || (flag !== undefined && flag !== '--serve')) {
  process.stderr.write(`docs: ${process.argv.slice(2).join(' ')}: give nothing, or --serve\n`);
  process.exit(2);
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, {
    cwd: path.join(here, '..'),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const vitepress = path.join(here, 'node_modules/vitepress/bin/vitepress.js');
if (!existsSync(vitepress)) run('npm', ['ci', '--prefix', here, '--no-audit', '--no-fund']);
if (flag === '--serve') run(process.execPath, [vitepress, 'dev', '--host', '127.0.0.1']);
else {
  run(process.execPath, [vitepress, 'build']);
  check(path.join(here, 'dist'));
}

/** Every page as it was built, unlike the build, which knows nothing of anchors. */
function check(site: string): void {
  const files = readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const pathOf = (file: string): string => `/${path.relative(site, file).replaceAll(path.sep, '/')}`;
  const pages = files.filter((file) => file.endsWith('.html'));
  const wrong = wrongLinks(
    pages.map((file) => ({ path: pathOf(file), html: readFileSync(file, 'utf8') })),
    new Set(files.map(pathOf)),
  );
  if (wrong.length > 0) {
    process.stderr.write(`docs: ${wrong.length} links are wrong:\n${wrong.map((each) => `  ${each}\n`).join('')}`);
    process.exit(1);
  }
  process.stdout.write(`${pages.length} pages, whose links all lead somewhere\n`);
}
