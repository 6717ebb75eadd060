/**
 * Deployments that say another place for files, each before a portion, the names, the list or a note of how far it has come, with the end of the
 * execution behind it: the next one goes on with the batch at another place. Puts that fail in between leave such notes.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault } from './fault.ts';

const mostOften = { 'put-file': 30, 'put-names': 12, 'put-sent': 4, 'put-list': 12 } as const;

export function drawMovesOfFiles(random: Random, { movesFiles }: Pick<Scenario, 'movesFiles'>): CallFault[] {
  if (movesFiles !== true) return [];
  const put = { step: 'reduce-key-group', call: 'put-file' } as const;
  const failing = Array.from({ length: random.int(0, 8) }, (): CallFault => {
    return { ...put, kind: 'throttle', size: random.int(20, 60), when: 'before', occurrence: random.int(1, 40) };
  });
  const moves = Array.from({ length: random.int(2, 8) }, (): CallFault[] => {
    const call = random.weighted<keyof typeof mostOften>([
      [3, 'put-sent'],
      [3, 'put-file'],
      [2, 'put-names'],
      [1, 'put-list'],
    ]);
    const step = call === 'put-list' ? 'commit-batch' : 'reduce-key-group';
    const at = { size: 0, step, call, occurrence: random.int(1, mostOften[call]) };
    return [
      { ...at, kind: 'deploy', when: 'before' },
      { ...at, kind: 'halt', when: random.chance(0.8) ? 'after' : 'before' },
    ];
  });
  return [...failing, ...moves.flat()];
}
