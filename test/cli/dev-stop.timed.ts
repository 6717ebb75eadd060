/** How soon `sluice dev` ends. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sluice } from '../support/sluice-command.ts';

const consoleErrors = fileURLToPath(new URL('./pipelines/console-errors.ts', import.meta.url));

test('sluice dev ends at once when it is stopped while it waits for its next batch, an hour away', async () => {
  let stoppedAt = 0;
  const ran = await sluice(['dev', consoleErrors], {
    onOutput(seen, kill) {
      if (stoppedAt > 0 || !seen.includes('batch 0')) return;
      stoppedAt = Date.now();
      kill('SIGTERM');
    },
  });
  expect(ran).toMatchObject({ code: 0 });
  expect(Date.now() - stoppedAt).toBeLessThan(3_000);
});
