/** `npm run screenshots`: the pictures of the documents, of runs on embedded services. Needs a Chromium. */
import { spawn } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium, screen } from './chromium.ts';
import { ordersOf, startTroubledRun } from './troubled-run.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const images = `${root}docs/images`;
const mostBytes = 150_000;

async function shot(browser: Browser, address: string, name: string, until: string): Promise<void> {
  const page = await browser.newPage({ viewport: screen, reducedMotion: 'reduce' });
  await page.goto(address);
  await page.locator(until).first().waitFor({ timeout: 60_000 });
  // Where these files lie is nobody's business.
  await page.evaluate(`for (const text of document.querySelectorAll('.findings p'))
    for (const part of text.childNodes) part.textContent = part.textContent.replace(/file:\\S+\\/(?=\\w+\\.ts)/, 'file:///orders/')`);
  const path = `${images}/${name}.png`;
  await page.screenshot({ path });
  await page.close();
  const { size } = statSync(path);
  if (size > mostBytes) throw new Error(`${path} has ${size} bytes: ${mostBytes} are the most`);
  process.stdout.write(`${path}: ${size} bytes\n`);
}

/** Flights of the examples, at a pace that one can look at. */
async function ofRun(browser: Browser): Promise<void> {
  const flight =
    '{"date":"{{date.now}}","delay":{{random.number(50)}},"distance":300,"origin":"{{random.arrayElement(["ORD","DFW","JFK","LAX","ATL"])}}","destination":"SEA"}';
  const pipeline = `${root}test/cli/pipelines/departures.ts`;
  const args = ['dev', pipeline, '--generate', flight, '--rate', '400', '--shards', '4', '--page-port', '0'];
  const child = spawn(process.execPath, ['--conditions=sluice-source', `${root}cli/main.ts`, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise<string>((resolve) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /^Page: (\S+)$/m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  await sleep(40_000);
  await shot(browser, address, 'live-page', '.waterfall tbody tr:nth-child(10)');
  child.kill('SIGKILL');
}

async function ofTroubles(browser: Browser): Promise<void> {
  const run = await startTroubledRun();
  await run.publish([...ordersOf('countries'), { key: 'c1', data: { country: 7, amount: 'much' } }]);
  await sleep(5_000);
  await run.publish(ordersOf('countries'));
  await sleep(2_000);
  run.kinesis.refused = 'shardId-000000000001';
  await run.publish([...ordersOf('countries'), ...ordersOf('one')]);
  await sleep(10_000);
  run.breakOutput();
  await run.publish(ordersOf('countries'));
  await shot(browser, run.page, 'live-page-findings', '.findings li:has-text("warehouse")');
  await run.stop();
}

mkdirSync(images, { recursive: true });
const browser = await launchChromium();
await ofRun(browser);
await ofTroubles(browser);
await browser.close();
