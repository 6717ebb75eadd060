/** A command in this process, and what it has written. */
import { vi } from 'vitest';
import { run } from '../../cli/program.ts';

export type RanHere = { readonly code: number; readonly stdout: string; readonly stderr: string };

export async function ranHere(args: readonly string[]): Promise<RanHere> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    }),
  );
  try {
    const code = await run(args);
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
