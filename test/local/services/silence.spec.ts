/** What counts as the silence of a server. */
import { expect, it } from 'vitest';
import { Silence, tickMs } from '../../../local/services/silence.ts';

/** One tick after the other, up to a time. */
function tickTo(silence: Silence, end: number, from = 0): void {
  for (let now = from; now <= end; now += tickMs) silence.tick(now);
}

it('is the time for which a request waits', () => {
  const silence = new Silence();
  silence.tick(0);
  silence.began();
  tickTo(silence, 20_000, tickMs);
  expect(silence.ms).toBe(20_000);
});

it('ends with any answer', () => {
  const silence = new Silence();
  silence.began();
  silence.began();
  tickTo(silence, 20_000);
  silence.answered();
  expect(silence.ms).toBe(0);
});

it('goes on over the pauses between tries', () => {
  const silence = new Silence();
  silence.tick(0);
  for (let now = 0; now < 20_000; now += 4_000) {
    silence.began();
    silence.failed(now, 'refused');
    tickTo(silence, now + 4_000, now + tickMs);
  }
  expect(silence.ms).toBe(20_000);
  expect(silence.reason).toBe('refused');
});

it('is no time in which nobody asks', () => {
  const silence = new Silence();
  silence.began();
  silence.failed(0, 'refused');
  tickTo(silence, 3_600_000);
  expect(silence.ms).toBe(5_000);
});

it('is no time in which this process stood still', () => {
  const silence = new Silence();
  silence.tick(0);
  silence.began();
  silence.tick(3_600_000);
  expect(silence.ms).toBe(2 * tickMs);
});
