import { ago, bytes, number } from '../format.js';
import { html } from '../html.js';
import { answer } from './answer.js';

const showPayload = (id, { ask }) =>
  html`<button type="button" onClick=${() => ask('letter', `/letter?id=${encodeURIComponent(id)}`)}>Payload<span class="hidden"> of ${id}</span></button>`;

const reasonRow = (context) => (each) =>
  html`<tr key=${each.reason}><th scope="row">${each.reason}</th><td class="n">${number(each.count)}</td><td>${each.shard}</td><td>${each.message}</td>
  <td><button type="button" onClick=${() => context.ask('letters', `/letters?reason=${encodeURIComponent(each.reason)}`)}>List<span class="hidden"> letters of ${each.reason}</span></button> ${showPayload(each.id, context)}</td></tr>`;

const reasons = (title, rows, context) =>
  rows.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label=${title}><table><caption>${title}</caption>
    <thead><tr><th scope="col">reason</th><th scope="col" class="n">count</th><th scope="col">shard</th><th scope="col">example</th><th scope="col">look</th></tr></thead>
    <tbody>${rows.map(reasonRow(context))}</tbody></table></div>`;

const letters =
  (context) =>
  ({ letters: all, hasMore, unreadable }) =>
    html`<h3>${number(all.length)} letters${hasMore ? ', and more: npx sluice dead-letters list' : ''}</h3>
  ${unreadable > 0 && html`<p>${number(unreadable)} more can't be read: npx sluice dead-letters list says why.</p>`}
  <div class="scroll" tabindex="0" role="group" aria-label="Letters"><table><thead><tr><th scope="col">letter</th><th scope="col">arrived</th><th scope="col" class="n">bytes</th><th scope="col">message</th><th scope="col">look</th></tr></thead>
  <tbody>${all.map((each) => html`<tr key=${each.id}><th scope="row" class="position">${each.id}</th><td>${each.arrivalTime === null ? '–' : ago(each.arrivalTime)}</td><td class="n">${bytes(each.payloadBytes)}</td><td>${each.message}</td><td>${showPayload(each.id, context)}</td></tr>`)}</tbody></table></div>`;

const letter = (context) => (each) =>
  html`<h3>${each.reason}, ${each.id}</h3><p>${each.message}</p>
  <p class="soft">Partition key ${each.partitionKey}, ${each.isWithheld ? "the payload is withheld (deadLetterPayload: 'none')" : `${bytes(each.bytes)}, ${each.form}${each.cut ? ', the beginning' : ''}`}</p>
  ${!each.isWithheld && html`<pre tabindex="0" aria-label="Payload">${each.text}</pre>`}
  <p><button type="button" onClick=${() => context.forget('letter', 'title-dead-letters')}>Close</button></p>`;

export const deadLetters = {
  title: 'Dead letters',
  view: ({ events, rows, redrive }, context) =>
    events.length + rows.length === 0 && redrive === null
      ? html`<p class="well">None.</p>`
      : html`${redrive !== null && html`<p>The last redrive is ${redrive}.</p>`}${reasons('Events', events, context)}${reasons('Rows', rows, context)}
        ${answer('letters', context, letters(context))}${answer('letter', context, letter(context))}`,
};
