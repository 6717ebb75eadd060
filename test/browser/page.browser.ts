/**
 * The live page in a real browser, of `sluice dev` on embedded services: what its first screen says of troubles that are planted one after the
 * other, that it is painted soon, asks nobody but its own server, and can be used by everybody.
 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { findingsOf } from '../../functions/findings/index.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { openPage } from '../../local/page/open-page.ts';
import { openPageTable } from '../../local/page/page-table.ts';
import { departures, departuresPipeline } from '../support/departures-case.ts';
import { dynamodbOf, makeStreams, publishEvents, runToEnd, runtimeOf, table } from '../support/world.ts';
import { inPage, violations } from './axe.ts';
import { launchChromium, screen } from './chromium.ts';
import { ordersOf, startTroubledRun, type TroubledRun } from './troubled-run.ts';

/** Two of the page's, of two seconds each, and what a busy machine takes to draw them. */
const twoRefreshesMs = 5_000;

let browser: Browser;
let run: TroubledRun;
beforeAll(async () => {
  [browser, run] = await Promise.all([launchChromium(), startTroubledRun()]);
  await run.publish([...ordersOf('countries'), { key: 'c1', data: { country: 7, amount: 'much' } }]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), run?.stop()]);
});

type Opened = { readonly page: Page; readonly asked: readonly string[]; readonly wrong: readonly string[] };

async function open(address: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: screen, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const asked: string[] = [];
  const wrong: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  await page.goto(address);
  await page.locator('#findings').waitFor();
  return { page, asked, wrong };
}

/** What the table says, as `sluice status` reads it. */
async function untilFound(kind: string): Promise<void> {
  const store = openPageTable({
    ...{ table: new Table(dynamodbOf(run.world), 'sluice', systemClock), bucket: undefined },
    ...{ pipeline: 'orders', clock: systemClock },
  });
  await expect
    .poll(
      async () => {
        const head = (await store.head())!;
        const last = head.committed?.batchId ?? 0;
        const reports = await Array.fromAsync(store.reports(Math.max(0, last - 11), last));
        const facts = { head, reports: reports.reverse(), troubles: await store.troubles(), now: Date.now() };
        return findingsOf(facts).map((finding) => finding.kind);
      },
      { timeout: 40_000, interval: 200 },
    )
    .toContain(kind);
}

/** The finding of the first screen that is about `subject`, as soon as two refreshes have passed. */
async function findingOn(page: Page, subject: string): Promise<string> {
  const finding = page.locator('.findings li', { hasText: subject }).first();
  await finding.waitFor({ timeout: twoRefreshesMs });
  const { y, height } = (await finding.boundingBox())!;
  expect(await inPage(page, 'scrollY')).toBe(0);
  expect(y + height).toBeLessThanOrEqual(screen.height);
  return finding.innerText();
}

describe('the page of a run', () => {
  test.each(['light', 'dark'] as const)(
    'is painted within a second, of nothing but its own, and axe finds nothing (%s)',
    async (colorScheme) => {
      const { page, asked, wrong } = await open(run.page, { colorScheme });
      await page.locator('#shards tbody tr').nth(3).waitFor();
      const paints = await inPage<number[]>(
        page,
        "performance.getEntriesByType('paint').map(({ startTime }) => startTime)",
      );
      expect(paints.length).toBeGreaterThan(0);
      expect(Math.max(...paints)).toBeLessThan(1_000);
      const { origin } = new URL(run.page);
      expect(asked.filter((url) => new URL(url).origin !== origin)).toEqual([]);
      expect(asked).toContain(`${origin}/vendor/preact.js`);
      expect(await violations(page)).toEqual([]);
      expect(wrong).toEqual([]);
      const back = await inPage(page, 'getComputedStyle(document.body).backgroundColor');
      expect(back).toBe(colorScheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(18, 22, 28)');
    },
  );

  test('is used by keyboard: past the head, to a payload, which has the focus when it is there', async () => {
    const { page } = await open(run.page, { reducedMotion: 'reduce' });
    await page.keyboard.press('Tab');
    expect(await inPage(page, 'document.activeElement.className')).toBe('skip');
    expect(await inPage(page, 'getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    expect(await inPage(page, 'document.activeElement.id')).toBe('main');
    await page
      .getByRole('button', { name: /^Payload of/ })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await page.locator('#answer-letter pre').waitFor();
    expect(await page.locator('#answer-letter pre').innerText()).toBe('{"country":7,"amount":"much"}');
    expect(await inPage(page, 'document.activeElement.id')).toBe('answer-letter');
    expect(await page.locator('[role=status]').innerText()).toContain('dead letters');
    const moving = await inPage(page, 'document.getAnimations().length');
    expect(moving).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  test('names a shard that gets most of the records', async () => {
    const { page } = await open(run.page);
    await run.publish([...ordersOf('countries'), ...ordersOf('one')]);
    await untilFound('skewed-shard');
    const text = await findingOn(page, 'skewed shard');
    expect(text).toMatch(/shardId-0{11}\d\n.*brings \d+ % of the records/s);
    expect(text).toContain('split-shard');
  });

  test('names a shard that cannot be read, and an output that takes nothing', async () => {
    const { page } = await open(run.page);
    run.kinesis.refused = 'shardId-000000000001';
    await run.publish(ordersOf('countries'));
    await untilFound('stuck-shard');
    const stuck = await findingOn(page, 'stuck shard');
    expect(stuck).toContain('shardId-000000000001');
    expect(stuck).toContain('InternalFailureException: The shard does not answer.');
    expect(stuck).toContain('nothing is lost');
    run.breakOutput();
    await run.publish(ordersOf('countries'));
    await untilFound('slow-sink');
    const slow = await findingOn(page, 'slow sink');
    expect(slow).toMatch(/slow sink: warehouse\n.*TemporaryFailure/s);
    expect(slow).toContain('more capacity');
    expect(await violations(page)).toEqual([]);
  });
});

test('the page of a deployed pipeline names the event that ends its executors', async () => {
  const { world } = run;
  const streams = await makeStreams(world, 2);
  const runtime = runtimeOf(world, departuresPipeline('deadly', streams));
  await publishEvents(world, streams.source, departures(20));
  await runToEnd(runtime, { untilCaughtUp: true });
  const { epoch, holder } = (await runtime.ports.head.load())!;
  const shardId = 'shardId-000000000001';
  const suspect = {
    sequenceNumber: '4963',
    sub: 3,
    deaths: 2,
    diedAt: Date.now(),
    othersWentOn: true,
    how: 'out of memory',
  };
  await runtime.ports.head.suspect(epoch, holder!.owner, {
    ...{ letters: [], through: epoch },
    shards: [{ source: 'main', shardId, stage: 'isolated', among: 1, ref: epoch, task: 0, quiet: 0, suspect }],
  });
  const deployed = await openPage({
    ...{ pipeline: 'deadly', mode: 'table', port: 0, bucket: undefined },
    table: new Table(dynamodbOf(world), table, systemClock),
  });
  onTestFinished(() => deployed.close());
  const { page, wrong } = await open(deployed.address);
  const text = await findingOn(page, 'poison record');
  expect(text).toContain(`poison record: ${shardId}`);
  expect(text).toContain('The event 4963/3 has ended its executor');
  expect(text).toContain('it is a dead letter, and the shard goes on');
  expect(await page.locator('#results').innerText()).toContain('A deployed pipeline sends its rows to its outputs');
  expect(wrong).toEqual([]);
});
