import { number } from '../format.js';
import { html } from '../html.js';

const output = ({
  output: name,
  count,
  columns,
  rows,
}) => html`<div class="scroll" tabindex="0" role="group" aria-label="Rows of ${name}"><table><caption>${name}: ${number(count)} rows, the newest first</caption>
  <thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
  <tbody>${rows.map((row) => html`<tr>${row.map((value) => html`<td>${value}</td>`)}</tr>`)}</tbody></table></div>`;

export const results = {
  title: 'Results',
  view: ({ outputs }) =>
    outputs === undefined
      ? html`<p class="empty">A deployed pipeline sends its rows to its outputs, past this page: look at them there. sluice dev shows them here.</p>`
      : outputs.length === 0
        ? html`<p class="empty">None yet.</p>`
        : outputs.map(output),
};
