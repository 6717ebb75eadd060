/**
 * The search of the default theme, mended for who can't see it: there the box is a button with all else within, and each result
 * an option with a link within, of which a screen reader tells nothing. Here it is a dialog with a list of links.
 */

type Edit = { readonly from: string; readonly to: string };

const edits: Readonly<Record<string, readonly Edit[]>> = {
  'VPNavBarSearchButton.vue': [
    // The key is drawn by readable.css: as text it would be part of what the button is called.
    { from: '<kbd class="DocSearch-Button-Key">K</kbd>', to: '<kbd class="DocSearch-Button-Key"></kbd>' },
  ],
  'VPLocalSearchBox.vue': [
    {
      from: `role="button"
      :aria-owns="results?.length ? 'localsearch-list' : undefined"
      aria-expanded="true"
      aria-haspopup="listbox"
      aria-labelledby="localsearch-label"`,
      to: `role="dialog"
      aria-modal="true"
      :aria-label="buttonText"`,
    },
    {
      from: `:aria-activedescendant="selectedIndex > -1 ? ('localsearch-item-' + selectedIndex) : undefined"
            aria-autocomplete="both"
            :aria-controls="results?.length ? 'localsearch-list' : undefined"
            aria-labelledby="localsearch-label"`,
      to: ':aria-label="buttonText"',
    },
    {
      from: `:role="results?.length ? 'listbox' : undefined"
          :aria-labelledby="results?.length ? 'localsearch-label' : undefined"`,
      to: `:aria-label="results?.length ? buttonText : undefined"`,
    },
    {
      from: `:aria-selected="selectedIndex === index ? 'true' : 'false'"
            role="option"`,
      to: '',
    },
    { from: `:aria-label="[...p.titles, p.title].join(' > ')"`, to: '' },
    { from: '<span class="title-icon">', to: '<span class="title-icon" aria-hidden="true">' },
    { from: '<kbd :aria-label=', to: '<kbd role="img" :aria-label=' },
  ],
};

/** A plugin of Vite. It refuses a theme in which what it mends stands no longer. */
export const accessibleSearch = {
  name: 'accessible-search',
  enforce: 'pre' as const,
  transform(source: string, id: string): string | undefined {
    const own = edits[id.split('/').at(-1) ?? ''];
    return own?.reduce((text, { from, to }) => {
      if (!text.includes(from)) throw new Error(`${id} has no longer: ${from}`);
      return text.replaceAll(from, to);
    }, source);
  },
};
