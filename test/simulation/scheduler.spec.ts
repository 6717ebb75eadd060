import { describe, expect, it } from 'vitest';
import { Scheduler } from './scheduler.ts';

const hour = 3_600_000;

describe('virtual time', () => {
  it('runs what is due in the order of its time, and of its making where times are equal', async () => {
    const scheduler = new Scheduler(1_000);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} ${scheduler.now}`);
    scheduler.at(3_000, note('late'));
    scheduler.at(2_000, note('first'));
    scheduler.at(2_000, note('second'));
    scheduler.at(500, note('overdue'));
    expect(await scheduler.run(10_000)).toBe('nothing-due');
    expect(seen).toEqual(['overdue 1000', 'first 2000', 'second 2000', 'late 3000']);
  });

  it('lets everything that is set free go to its next wait before it goes on', async () => {
    const scheduler = new Scheduler(0);
    const seen: string[] = [];
    const walk = async (name: string, ms: number) => {
      for (let step = 0; step < 3; step++) {
        await scheduler.sleep(ms);
        await Promise.resolve();
        seen.push(`${name} ${scheduler.now}`);
      }
    };
    void walk('a', 10);
    void walk('b', 15);
    await scheduler.run(1_000);
    // At 30 both are due: b has waited since 15, a since 20.
    expect(seen).toEqual(['a 10', 'b 15', 'a 20', 'b 30', 'a 30', 'b 45']);
  });

  it('takes no time of the clock', async () => {
    const scheduler = new Scheduler(0);
    const started = performance.now();
    scheduler.at(1_000 * hour, () => {});
    await scheduler.run(2_000 * hour);
    expect(scheduler.now).toBe(1_000 * hour);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('stops at its end, when nothing is due, or as soon as it is told', async () => {
    const scheduler = new Scheduler(0);
    let runs = 0;
    const again = () => {
      runs += 1;
      scheduler.at(scheduler.now + 100, again);
    };
    again();
    expect(await scheduler.run(1_050)).toBe('time');
    expect([scheduler.now, runs]).toEqual([1_050, 11]);
    expect(await scheduler.run(5_000, () => runs === 20)).toBe('over');
    expect([scheduler.now, runs]).toEqual([1_900, 20]);
  });

  it('forgets what is cancelled', async () => {
    const scheduler = new Scheduler(0);
    let runs = 0;
    const cancel = scheduler.at(10, () => runs++);
    cancel();
    await scheduler.run(100);
    expect(runs).toBe(0);
  });
});
