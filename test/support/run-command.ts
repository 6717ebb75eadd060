/** A command of `sluice` in this process, with what it says. */
import { vi } from 'vitest';
import { run } from '../../cli/program.ts';

export type Said = { readonly code: number; readonly stdout: string; readonly stderr: string };

export async function runCommand(...args: readonly string[]): Promise<Said> {
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
