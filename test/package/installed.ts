/**
 * The packed package in a project of its own.
 *
 * With SLUICE_INSTALL=npm the project is installed by npm, as a user would, which takes the registry. Otherwise the
 * tarball is unpacked and its dependencies, and theirs, are linked from this repository: nothing else can be found.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export type Run = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

export type InstalledProject = {
  readonly folder: string;
  readonly files: readonly string[];
  readonly unpackedBytes: number;
  write(name: string, text: string): void;
  run(command: string, ...args: string[]): Run;
  /** In a folder of it. */
  runIn(folder: string, command: string, ...args: string[]): Run;
  remove(): void;
};

type Manifest = {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};

const name = 'kinesis-sluice';
/** What the user of the examples has beside the package. */
const ofUser = ['zod', '@bufbuild/protobuf', 'aws-cdk-lib', 'constructs'];
/** With what a new project is tested and deployed. They are those of this repository either way: npm would take longer than the tests do. */
const toolsOfUser = ['vitest', 'aws-cdk', 'typescript', '@types/node'];

export function installPackage(): InstalledProject {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  const [packed] = JSON.parse(
    must(run('.', 'npm', ['pack', '--json', '--pack-destination', folder])).stdout.replace(/^[^[]*/, ''),
  );
  const tarball = join(folder, packed.filename);
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  if (process.env.SLUICE_INSTALL === 'npm') installByNpm(project, tarball);
  else link(project, tarball);
  for (const tool of toolsOfUser) linkOwn(project, tool);
  return {
    folder: project,
    files: packed.files.map((file: { readonly path: string }) => file.path),
    unpackedBytes: packed.unpackedSize,
    write: (file, text) => writeFileSync(join(project, file), text),
    run: (command, ...args) => run(project, command, args),
    runIn: (within, command, ...args) => run(join(project, within), command, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function installByNpm(project: string, tarball: string): void {
  const { devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const versions = ofUser.map((dependency) => `${dependency}@${{ ...dependencies, ...devDependencies }[dependency]}`);
  must(run(project, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...versions]));
}

function link(project: string, tarball: string): void {
  const modules = join(project, 'node_modules');
  const own = join(modules, name);
  mkdirSync(own, { recursive: true });
  must(run(project, 'tar', ['-xzf', tarball, '-C', own, '--strip-components', '1']));
  const manifest: Manifest = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  for (const dependency of new Set([...Object.keys(manifest.dependencies), ...ofUser])) linkOwn(project, dependency);
  for (const file of Object.values(manifest.bin)) chmodSync(join(own, file), 0o755);
  linkCommands(project, own, manifest);
}

/** A package of this repository, with its commands. */
function linkOwn(project: string, dependency: string): void {
  const at = join(project, 'node_modules', dependency);
  mkdirSync(dirname(at), { recursive: true });
  if (existsSync(at)) return;
  symlinkSync(resolve('node_modules', dependency), at);
  linkCommands(project, at, JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')));
}

function linkCommands(project: string, from: string, { bin = {} }: Partial<Manifest>): void {
  const commands = join(project, 'node_modules', '.bin');
  mkdirSync(commands, { recursive: true });
  for (const [command, file] of Object.entries(bin)) {
    if (!existsSync(join(commands, command))) symlinkSync(join(from, file), join(commands, command));
  }
}

/** Without the condition under which this repository finds its sources, and without colours, which CI may force. */
function run(cwd: string, command: string, args: readonly string[]): Run {
  const { NODE_OPTIONS: _, FORCE_COLOR: __, ...env } = process.env;
  const node = dirname(process.execPath);
  return spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, PATH: `${node}:${env.PATH}`, NO_COLOR: '1', npm_config_update_notifier: 'false' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

function must(result: Run): Run {
  if (result.status !== 0) throw new Error(`${result.stdout}\n${result.stderr}`);
  return result;
}
