import { duration, number, time } from '../format.js';
import { html } from '../html.js';

const barOf = (longest) => (bar) => {
  const ms = bar.ms ?? Math.max(0, longest - bar.from);
  const text = `${bar.step} ${bar.ms === null ? 'runs' : duration(bar.ms)}${bar.tries > 1 ? `, ${bar.tries} tries` : ''}`;
  const style = { left: `${(bar.from / longest) * 100}%`, width: `${Math.max(0.4, (ms / longest) * 100)}%` };
  return html`<span class="bar ${bar.step} ${bar.tries > 1 ? 'tried' : ''} ${bar.ms === null ? 'runs' : ''}" style=${style} title=${text}>
    <span class="hidden">${text}. </span>${bar.tries > 1 && html`<b aria-hidden="true">×${bar.tries}</b>`}</span>`;
};

const row = (longest) => (batch) =>
  html`<tr key=${batch.batchId ?? 'now'}>
  <th scope="row">${batch.batchId ?? 'now'}</th><td>${time(batch.at)}</td>
  <td class="n">${batch.events === null ? '' : number(batch.events)}</td>
  <td class="n">${batch.ms === null ? '–' : duration(batch.ms)}</td>
  <td class="bars">${batch.bars.length === 0 ? html`<span class="soft">steps not known</span>` : batch.bars.map(barOf(longest))}</td></tr>`;

/** Of what runs, as far as it has come. */
const lengthOf = ({ ms, at }) => ms ?? Math.max(1, Date.now() - at);

export const waterfall = {
  title: 'Batches by step',
  view: ({ batches }) => {
    if (batches.length === 0) return html`<p class="empty">No batch yet.</p>`;
    const longest = Math.max(1, ...batches.filter(({ bars }) => bars.length > 0).map(lengthOf));
    return html`<p class="key" aria-hidden="true">${['plan', 'process', 'seal', 'reduce', 'commit'].map((step) => html`<span><i class="bar ${step}"></i>${step}</span>`)}<span><i class="bar process tried"></i>tried again</span></p>
      <div class="scroll" tabindex="0" role="group" aria-label="Batches by step"><table class="waterfall"><thead><tr><th scope="col">batch</th><th scope="col">began</th><th scope="col" class="n">events</th><th scope="col" class="n">took</th><th scope="col" class="wide">steps</th></tr></thead>
      <tbody>${batches.map(row(longest))}</tbody></table></div>`;
  },
};
