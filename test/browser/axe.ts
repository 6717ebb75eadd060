/** What axe finds on a page as it is shown. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** What passes is not listed, which on a long page is half of the work. */
const options = JSON.stringify({ resultTypes: ['violations'], iframes: false });

/** Each with the first element that it is about. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations: found } = await inPage<{ violations: readonly Violation[] }>(page, `axe.run(${options})`);
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Code of the page's own world, which has what a test's has not. */
export const inPage = <Value>(page: Page, code: string): Promise<Value> => page.evaluate(code) as Promise<Value>;
