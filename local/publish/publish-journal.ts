/**
 * How far an input file was published, so that a second run with the same file and state publishes only the rest.
 *
 * JOURNAL-1 Written after each acknowledged request, whole or not at all.
 * JOURNAL-2 What was acknowledged but not written (the process was killed in between) is at most one record per shard, and
 *    can be recognised: packs are made the same way each time, so the next pack equals a record that the shard holds after
 *    the last one written here.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { LocalProblem } from '../local-problem.ts';

const shardProgress = z.object({ packs: z.int().nonnegative(), lastSequenceNumber: z.string().optional() });

const journalSchema = z.object({
  v: z.literal(1),
  /** When publishing first began: no record of it is older. */
  since: z.number(),
  events: z.int().nonnegative(),
  finished: z.boolean(),
  shards: z.record(z.string(), shardProgress),
});

export type PublishProgress = z.infer<typeof journalSchema>;

export type PublishJournal = {
  /** Undefined: nothing was published yet. */
  load(): PublishProgress | undefined;
  save(progress: PublishProgress): void;
};

/** `identity`: everything that decides what the packs are and where they go. */
export function openJournal(directory: string, identity: readonly string[]): PublishJournal {
  mkdirSync(directory, { recursive: true });
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24);
  const file = path.join(directory, `${name}.json`);
  return {
    load() {
      if (!existsSync(file)) return undefined;
      const parsed = journalSchema.safeParse(parseJson(readFileSync(file, 'utf8')));
      if (!parsed.success)
        throw new LocalProblem('usage', `${file} is not a publishing journal. Delete the state and start again.`);
      return parsed.data;
    },
    save(progress) {
      writeFileSync(`${file}.draft`, JSON.stringify(progress));
      renameSync(`${file}.draft`, file);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
