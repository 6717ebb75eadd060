/** One run at a time uses a state directory. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LocalProblem } from '../local-problem.ts';
import { isAlive } from '../process-alive.ts';

/** Returns what gives it free again. A run that was killed holds nothing. */
export function occupyStateDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'in-use');
  const holder = readHolder(file);
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
    throw new LocalProblem('another-driver', `The state in ${directory} is in use by process ${holder}.`);
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function readHolder(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
