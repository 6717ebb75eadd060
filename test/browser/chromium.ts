/** Debian's Chromium, driven by Playwright. It asks nobody for anything of its own accord. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.SLUICE_CHROMIUM ?? places.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error(`no Chromium at ${places.join(', ')}, or SLUICE_CHROMIUM`);
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
  // As root, in a container, it has no sandbox.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet] });
}

/** The first screen of the tests and the documents. */
export const screen = { width: 1280, height: 800 };
