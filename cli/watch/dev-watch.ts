/**
 * `sluice dev --watch`: run after run, each in a process of its own with the code as it is then.
 *
 * DEV-WATCH-1 The running batch of the old code ends before the new code begins, and what was saved goes on under it. One that does not end
 *    within `longestBatchMs` is cut off: it was not committed, and is read again.
 * DEV-WATCH-2 Code that can't run, or whose saved state is of another pipeline, leaves nothing running: the next change is waited for.
 * DEV-WATCH-3 A run that has read all its events is over. The next one begins afresh, unless the state is one that the user keeps.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../../local/local-problem.ts';
import { importedFiles } from '../imported-files.ts';
import { say } from '../print.ts';
import { type FileWatch, watchFiles } from './file-watch.ts';
import { type Ended, startRun, type WatchedRun } from './watched-run.ts';

export type WatchOptions = {
  /** The pipeline's. */
  readonly file: string;
  /** Of `sluice dev`, without `--watch`. */
  readonly args: readonly string[];
  /** Undefined: one that is kept until the end, and no longer. */
  readonly stateDirectory: string | undefined;
  /** Streams and checkpoints lie on servers that were there before, which begin nothing afresh. */
  readonly isElsewhere: boolean;
};

const longestBatchMs = 30_000;

/** Returns the exit code: that of the last run, if it was running. */
export async function devWatch({ file, args, stateDirectory, isElsewhere }: WatchOptions): Promise<number> {
  const files = watchFiles();
  const signals = hearSignals();
  const states = new States(stateDirectory, isElsewhere);
  try {
    for (;;) {
      files.look(await importedFiles(file));
      const run = startRun([...args, ...states.flags()]);
      signals.of(run);
      const ended = await untilChange(run, files, signals);
      signals.of(undefined);
      if (signals.isEnding()) return ended.code;
      if (ended.change === undefined) {
        say(whatNow(ended, file, states.isOwn));
        const next = await Promise.race([files.changed(), signals.ending]);
        if (next === undefined) return 0;
        say(changeText(next));
      }
      if (ended.lastWord?.kind === 'ended' && ended.lastWord.end === 'complete') states.begin();
    }
  } finally {
    files.close();
    signals.close();
    states.remove();
  }
}

type EndedRun = Ended & { readonly change: readonly string[] | undefined };

/** Until the run has ended: by itself, by the user, or since a file has changed. */
async function untilChange(run: WatchedRun, files: FileWatch, signals: Signals): Promise<EndedRun> {
  const first = await Promise.race([run.ended.then(() => undefined), files.changed(), signals.ending]);
  if (first === undefined) return { ...(await run.ended), change: undefined };
  say(changeText(first));
  run.order({ kind: 'stop' });
  const cut = new AbortController();
  const late = sleep(longestBatchMs, undefined, { signal: cut.signal }).then(
    () => {
      say(`The running batch did not end within ${longestBatchMs / 1000} s and is cut off; it will be read again.`);
      run.kill();
    },
    () => {},
  );
  const ended = await run.ended;
  cut.abort();
  await late;
  return { ...ended, change: first };
}

const changeText = (files: readonly string[]): string =>
  `Changed: ${files.map((file) => path.relative('.', file)).join(', ')}.`;

function whatNow({ lastWord }: Ended, file: string, isOwnState: boolean): string {
  const waiting = `Waiting for a change of ${file}, or of what it imports. Ctrl-C ends.`;
  if (lastWord?.kind !== 'failed' || !lastWord.message.startsWith('FingerprintChanged')) return waiting;
  const elsewhere = isOwnState ? 'end this and begin again' : 'name another state or pipeline';
  return `What was counted under the former code is kept. To go on with it, undo that change; to begin afresh, ${elsewhere}.\n${waiting}`;
}

/** Where the runs keep what goes on from one to the next. */
class States {
  readonly #given: string | undefined;
  readonly #isElsewhere: boolean;
  #own: string | undefined;

  constructor(given: string | undefined, isElsewhere: boolean) {
    this.#given = given;
    this.#isElsewhere = isElsewhere;
  }

  get isOwn(): boolean {
    return this.#given === undefined && !this.#isElsewhere;
  }

  flags(): readonly string[] {
    if (this.#given !== undefined) return [];
    this.#own ??= mkdtempSync(path.join(tmpdir(), 'sluice-watch-'));
    return ['--state', this.#own];
  }

  /** Afresh. */
  begin(): void {
    if (this.isOwn) this.remove();
  }

  remove(): void {
    if (this.#own !== undefined) rmSync(this.#own, { recursive: true, force: true, maxRetries: 3 });
    this.#own = undefined;
  }
}

type Signals = {
  /** Resolves with the first Ctrl-C. */
  readonly ending: Promise<undefined>;
  isEnding(): boolean;
  /** Which run is told. */
  of(run: WatchedRun | undefined): void;
  close(): void;
};

/** In a terminal the run hears Ctrl-C as well; from elsewhere it hears of it here alone. */
function hearSignals(): Signals {
  const ending = Promise.withResolvers<undefined>();
  let run: WatchedRun | undefined;
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count > 2) process.exit(exitCodes.aborted);
    ending.resolve(undefined);
    run?.order({ kind: count === 1 ? 'stop' : 'abort' });
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    ending: ending.promise,
    isEnding: () => count > 0,
    of(next) {
      run = next;
      if (count > 0) run?.order({ kind: 'stop' });
    },
    close: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
