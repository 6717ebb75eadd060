/** The site: all pages of docs/, and those beside them. Nothing of it asks another server: fonts and search are files of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { dropLinksToSources, sectionsOf } from './navigation.ts';

const folders = readdirSync(new URL('../../', import.meta.url), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);
const otherFolders = folders.map(({ name }) => name).filter((name) => !['docs', 'events', 'examples'].includes(name));

export default defineConfig({
  title: 'Sluice',
  description: 'Structured streaming over Amazon Kinesis on Step Functions, Lambda and DynamoDB.',
  srcDir: '../',
  outDir: '.vitepress/dist',
  cacheDir: '.vitepress/cache',
  srcExclude: ['**/node_modules/**', ...otherFolders.map((name) => `${name}/**`)],
  rewrites: { 'README.md': 'index.md' },
  markdown: {
    config(md) {
      // What is not a page is shown by its name alone.
      md.core.ruler.push('links-to-sources', ({ tokens }) => {
        for (const { children } of tokens) dropLinksToSources(children ?? []);
      });
    },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/' },
      { text: 'All pages', link: '/docs/' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: sectionsOf(readFileSync(new URL('../index.md', import.meta.url), 'utf8')),
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
