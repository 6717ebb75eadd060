/** The site: all pages of docs/, and those beside them. Nothing of it asks another server: fonts and search are files of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { accessibleSearch } from './accessible-search.ts';
import { groups } from './api/groups.ts';
import { linkNames } from './api/name-links.ts';
import { writeApi } from './api/write-api.ts';
import { anchorOf, rewriteLinks, sectionsOf } from './navigation.ts';
import { dropEmptyHeaders } from './tables.ts';

const folders = readdirSync(new URL('../../', import.meta.url), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);
const otherFolders = folders.map(({ name }) => name).filter((name) => !['docs', 'events', 'examples'].includes(name));

const addresses = writeApi();
const api = { text: 'API', items: groups.map(({ page, title }) => ({ text: title, link: `/docs/api/${page}` })) };
/** The list of pages, and behind the reference that of names. */
const sections = sectionsOf(readFileSync(new URL('../index.md', import.meta.url), 'utf8')).flatMap((section) =>
  section.text === 'Reference' ? [section, api] : [section],
);

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#3451b2" d="M2 1h2v14H2zM12 1h2v14h-2zM5 2h6v5H5zM5 9h6v2H5zM5 12h6v2H5z"/></svg>';

export default defineConfig({
  title: 'Sluice',
  description: 'Structured streaming over Amazon Kinesis on Step Functions, Lambda and DynamoDB.',
  srcDir: '../',
  outDir: '.vitepress/dist',
  cacheDir: '.vitepress/cache',
  srcExclude: ['**/node_modules/**', ...otherFolders.map((name) => `${name}/**`)],
  rewrites: { 'README.md': 'index.md' },
  // A gate with water behind it.
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  vite: { plugins: [accessibleSearch] },
  markdown: {
    // The plain ones have comments and words too pale on the background of code.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: anchorOf },
    config(md) {
      // What is not a page is shown by its name alone.
      md.core.ruler.push('links-and-tables', ({ tokens, env, Token }) => {
        dropEmptyHeaders(tokens);
        linkNames(tokens, env.relativePath, { addresses, Token });
        for (const { children } of tokens) rewriteLinks(children ?? [], env.relativePath);
      });
    },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/' },
      { text: 'All pages', link: '/docs/' },
      { text: 'API', link: '/docs/api/chain' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: sections,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
