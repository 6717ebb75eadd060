/** Events made up at a rate. */
import { expect, test } from 'vitest';
import { parseEventTemplate } from '../../../local/publish/event-template.ts';
import { generateEvents } from '../../../local/publish/generated-events.ts';
import { collect } from './collect.ts';

test('generated events come at their rate and end with their count', async () => {
  const template = parseEventTemplate('{"n":{{random.number(100)}}}');
  const startedAt = performance.now();
  const events = (await collect(generateEvents({ template, eventsPerSecond: 400, count: 201 }))).flat();
  const seconds = (performance.now() - startedAt) / 1000;
  expect(events.length).toBe(201);
  expect(new Set(events.map(({ partitionKey }) => partitionKey)).size).toBe(201);
  expect(seconds).toBeGreaterThan(0.3);
  expect(seconds).toBeLessThan(2);
});
