/** Events made from a template at a steady rate. */

import { setTimeout as sleep } from 'node:timers/promises';
import { base, en, Faker } from '@faker-js/faker';
import { type EventTemplate, render } from './event-template.ts';
import type { EventToPublish } from './publisher.ts';

export type GeneratorOptions = {
  readonly template: EventTemplate;
  readonly eventsPerSecond: number;
  /** End after so many events; absent: no end. */
  readonly count?: number | undefined;
  readonly partitionKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

const tickMs = 100;
/** What a slow stream held up is made up for, but not more than this at once. */
const maxEventsPerTick = 5_000;

export async function* generateEvents(options: GeneratorOptions): AsyncGenerator<readonly EventToPublish[]> {
  const { template, eventsPerSecond, count = Number.POSITIVE_INFINITY, partitionKey, signal } = options;
  const faker = new Faker({ locale: [en, base] });
  const startedAt = performance.now();
  let made = 0;
  while (made < count && signal?.aborted !== true) {
    // One at the start, so that a low rate does not begin with a wait.
    const due = Math.min(count, 1 + Math.floor(((performance.now() - startedAt) * eventsPerSecond) / 1000));
    const events: EventToPublish[] = [];
    for (let i = 0; i < maxEventsPerTick && made < due; i++) {
      const text = render(template, { faker, now: new Date() });
      made++;
      events.push({ data: Buffer.from(text), partitionKey: keyOf(text, made, partitionKey) });
    }
    if (events.length > 0) yield events;
    if (made < count)
      await sleep(made < due ? 0 : tickMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}

/** Different for each event without a field, so that they spread over the shards. */
function keyOf(text: string, index: number, field: string | undefined): string {
  const byIndex = `event-${index}`;
  if (field === undefined) return byIndex;
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[field];
    const key = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return key.length === 0 || key.length > 256 ? byIndex : key;
  } catch {
    return byIndex;
  }
}
