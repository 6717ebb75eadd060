/** `npm run docs [-- --serve]`: installs what builds the site, from its own lock file, and builds it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

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
else run(process.execPath, [vitepress, 'build']);
