import { bytes, number } from '../format.js';
import { html } from '../html.js';
import { answer } from './answer.js';

const windows = ({
  windows: all,
  left,
  batchId,
}) => html`<h3>After batch ${batchId}: ${number(all.length)} windows${left > 0 ? `, and ${number(left)} keys of further ones` : ''}</h3>
  <div class="scroll" tabindex="0" role="group" aria-label="Windows"><table><thead><tr><th scope="col">kind</th><th scope="col">start</th><th scope="col">end</th><th scope="col" class="n">keys</th><th scope="col" class="n">given out</th></tr></thead>
  <tbody>${all.slice(0, 200).map(({ kind, start, end, keys, given }) => html`<tr><td>${kind}</td><td>${start}</td><td>${end}</td><td class="n">${number(keys)}</td><td class="n">${number(given)}</td></tr>`)}</tbody></table></div>`;

const rows = ({
  rows: all,
  hasMore,
  batchId,
}) => html`<h3>After batch ${batchId}: ${number(all.length)} rows${hasMore ? ', and more: npx sluice state' : ''}</h3>
  <div class="scroll" tabindex="0" role="group" aria-label="Rows of the state"><table><thead><tr><th scope="col" class="n">group</th><th scope="col">key</th><th scope="col">start</th><th scope="col">end</th><th scope="col">values</th></tr></thead>
  <tbody>${all.map((row) => html`<tr><td class="n">${row.group}</td><td>${JSON.stringify(row.key)}</td><td>${row.start}</td><td>${row.end}</td><td>${JSON.stringify(row.values ?? row.saved ?? {})}</td></tr>`)}</tbody></table></div>`;

export const state = {
  title: 'State',
  view: ({ batchId, groups, entries, bytes: size }, context) => {
    if (batchId === null) return html`<p class="empty">It keeps none yet.</p>`;
    const byKey = (event) => {
      event.preventDefault();
      context.ask('rows', `/state/rows?key=${encodeURIComponent(event.currentTarget.elements.key.value)}`);
    };
    return html`<p>Batch ${batchId} changed ${number(groups)} key groups, with ${number(entries)} entries and ${bytes(size)} in segments. The rest is read from the table when you ask.</p>
      <div class="ask"><button type="button" onClick=${() => context.ask('windows', '/state/windows')}>By window</button>
      <form onSubmit=${byKey}><label>Key, as text or JSON <input name="key" placeholder="all" /></label> <button>By key</button></form></div>
      ${answer('windows', context, windows)}${answer('rows', context, rows)}`;
  },
};
