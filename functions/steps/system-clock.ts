import type { Clock } from '../ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, cut) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        cut?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      cut?.addEventListener('abort', end);
      if (cut?.aborted) end();
    }),
};
