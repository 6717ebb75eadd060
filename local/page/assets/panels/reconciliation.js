import { html } from '../html.js';

export const reconciliation = {
  title: 'Where every event went',
  view: ({ lines }) =>
    lines.length === 0
      ? html`<p class="empty">No batch yet.</p>`
      : html`<dl class="reconciliation">${lines.map(
          ({
            name,
            events,
            isEven,
            rows,
          }) => html`<dt>${name} <span class=${isEven ? 'well' : 'bad'}>${isEven ? 'even' : 'NOT EVEN'}</span></dt>
            <dd>${events}</dd>${rows !== null && html`<dd>${rows}</dd>`}`,
        )}</dl>`,
};
