#!/usr/bin/env node
/** The `sluice` command. What an old Node can't even load is loaded only after its version was looked at. */
const oldest = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `sluice needs Node ${oldest.join('.')} or later; this is ${process.versions.node}.\n` +
      'npm install --save-dev node@24 puts one into node_modules/.bin, where npx and npm scripts find it first.\n',
  );
  process.exitCode = 2;
} else {
  // Who reads no further, as `head` does, has what it wants: that is no error. Commands that go on by themselves end then.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { run } = await import('./program.ts');
  const exitCode = await run(process.argv.slice(2));
  // What was printed must be out before the end; whatever else is still open after an abort must not delay it.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', () => done(undefined)))),
  );
  process.exit(exitCode);
}

export {};
