/** The site of the documents, as `npm run docs` builds it, in a real browser: it can be used by everybody, and asks nobody but its own server. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { inPage, violations } from './axe.ts';
import { launchChromium, screen } from './chromium.ts';
import { type SiteServer, serveSite } from './site-server.ts';

let browser: Browser;
let site: SiteServer;
beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), serveSite()]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), site?.stop()]);
});

/** Closed with the test, which then fails if another server was asked or the page's own code threw. */
async function open(path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: screen, colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await context.newPage();
  const asked: string[] = [];
  const wrong: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  onTestFinished(async () => {
    await context.close();
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((url) => new URL(url).origin !== site.origin)).toEqual([]);
    expect(wrong).toEqual([]);
  });
  await page.goto(`${site.origin}${path}`, { waitUntil: 'networkidle' });
  return page;
}

const isDark = (page: Page): Promise<boolean> => inPage(page, "document.documentElement.classList.contains('dark')");

async function expectNothingFound(page: Page): Promise<void> {
  expect(await isDark(page)).toBe(false);
  expect(await violations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => isDark(page)).toBe(true);
  expect(await violations(page)).toEqual([]);
}

test.each([
  ['the first page', '/'],
  ['a guide', '/docs/guides/windows.html'],
  ['a page with tables', '/docs/reference/aggregates.html'],
  ['the reference of names', '/docs/api/windows.html'],
  ['a page with much code', '/docs/tutorial.html'],
  ['a page with pictures', '/docs/guides/live-page.html'],
])('axe finds nothing on %s, light or dark', async (_, path) => expectNothingFound(await open(path)));

test('the search finds what is written, and axe nothing on it, light or dark', async () => {
  const page = await open('/docs/');
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox', { name: 'Search' }).fill('stagger windows');
  const found = page.getByRole('dialog').getByRole('link').first();
  await found.waitFor();
  await expectNothingFound(page);
  await page.keyboard.press('Enter');
  await page.waitForURL(/from-sql-applications\.html#stagger-windows$/);
});
