import { ago, bytes, duration, number } from '../format.js';
import { html } from '../html.js';

const percent = (part) => `${Math.round(part * 100)} %`;

const range = ({ from, to }) =>
  from === null
    ? ''
    : html`<span class="range" title="${percent(from)} to ${percent(to)} of the hash keys"><i style=${{ left: `${from * 100}%`, width: `${Math.max(1, (to - from) * 100)}%` }}></i></span><span class="hidden">${percent(from)} to ${percent(to)}</span>`;

const row = (shard) => html`<tr key=${shard.shardId} class=${shard.life}>
  <th scope="row"><span style=${{ paddingLeft: `${shard.depth * 1.2}em` }}>${shard.depth > 0 && html`<span aria-hidden="true">└ </span>`}${shard.shardId}</span>
    ${shard.parents.length > 0 && html`<small class="soft"> of ${shard.parents.map((id) => id.replace(/^shardId-0*(?=\d)/, '')).join(' and ')}</small>`}</th>
  <td><span class="chip ${shard.state}">${shard.state}</span></td>
  <td>${range(shard)}</td>
  <td class="n">${number(shard.events)}</td><td class="n">${bytes(shard.bytes)}</td>
  <td class="n">${percent(shard.share)}</td>
  <td class="n">${shard.behindMs === null ? '–' : duration(shard.behindMs)}</td>
  <td>${shard.lastArrival === null ? '–' : ago(shard.lastArrival)}</td>
  <td class="n">${number(shard.throttles)}</td>
  <td class="position">${shard.position}</td></tr>`;

const columns = [
  ['shard'],
  ['state'],
  ['hash keys'],
  ['events', 'n'],
  ['bytes', 'n'],
  ['share', 'n'],
  ['behind', 'n'],
  ['last arrival'],
  ['throttled', 'n'],
  ['position'],
];

export const shards = {
  title: 'Shards',
  view: ({ shards: all, more }) =>
    all.length === 0
      ? html`<p class="empty">None is known yet.</p>`
      : html`<div class="scroll" tabindex="0" role="group" aria-label="Shards"><table><thead><tr>${columns.map(([name, is]) => html`<th scope="col" class=${is}>${name}</th>`)}</tr></thead>
        <tbody>${all.map(row)}</tbody></table></div>${more > 0 && html`<p>${number(more)} more: npx sluice status --verbose</p>`}`,
};
