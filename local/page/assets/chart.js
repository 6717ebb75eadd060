/** A chart: lines as SVG, which takes its colours from the style sheet, and the same numbers as a table. */
import { duration, shownIn, time } from './format.js';
import { html } from './html.js';

const width = 600;
const height = 120;
const rowsOfTable = 20;
/** Which tables are open, by the titles of their charts. */
const opened = new Set();
/** Which time is pointed at, in all charts; undefined: none. */
let pointed;

export function chart({ title, unit, at, lines }, redraw) {
  const values = lines.flatMap((line) => line.values).filter((value) => value !== null);
  if (values.length === 0)
    return html`<figure class="chart"><figcaption>${title}</figcaption><p class="empty">Nothing yet.</p></figure>`;
  const most = niceAbove(Math.max(...values));
  const place = placeOf(at, most);
  const shown = pointed === undefined ? at.length - 1 : nearest(at, pointed);
  const point = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    pointed = at[0] + ((event.clientX - box.left) / box.width) * (at.at(-1) - at[0]);
    redraw();
  };
  const leave = () => {
    pointed = undefined;
    redraw();
  };
  const latest = lines.map(({ name, values: all }) => `${name} ${shownIn(unit, all.at(-1))}`).join(', ');
  return html`<figure class="chart">
    <figcaption>${title} <span class="soft">${pointed === undefined ? '' : `at ${time(at[shown])}`}</span></figcaption>
    <ul class="legend">${lines.map(
      ({ name, values: all }, line) =>
        html`<li><i class=${`line${line}`}></i>${name} <b>${shownIn(unit, all[shown])}</b></li>`,
    )}</ul>
    <div class="plot"><span class="most">${shownIn(unit, most)}</span>
      <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${title}: ${latest}"
        onPointerMove=${point} onPointerLeave=${leave}>
        <path class="grid" d="M0 1H${width}M0 ${height / 2}H${width}M0 ${height - 1}H${width}" />
        ${lines.map(({ values: all }, line) => html`<path class="line line${line}" d=${pathOf(all, place)} />`)}
        ${pointed === undefined ? null : html`<path class="pointed" d="M${place(shown, 0)[0]} 0V${height}" />`}
      </svg></div>
    <p class="axis"><span>${time(at[0])}</span><span>${duration(at.at(-1) - at[0])}</span><span>${time(at.at(-1))}</span></p>
    ${table({ title, unit, at, lines }, redraw)}
  </figure>`;
}

function table({ title, unit, at, lines }, redraw) {
  const toggle = ({ currentTarget }) => {
    if (currentTarget.open === opened.has(title)) return;
    if (currentTarget.open) opened.add(title);
    else opened.delete(title);
    redraw();
  };
  const rows = at
    .map((_, row) => row)
    .slice(-rowsOfTable)
    .reverse();
  return html`<details onToggle=${toggle}><summary>Numbers<span class="hidden"> of ${title}</span></summary>
    ${
      opened.has(title) &&
      html`<table><thead><tr><th scope="col">time</th>${lines.map(({ name }) => html`<th scope="col" class="n">${name}</th>`)}</tr></thead>
      <tbody>${rows.map(
        (row) =>
          html`<tr><th scope="row">${time(at[row])}</th>${lines.map(({ values }) => html`<td class="n">${shownIn(unit, values[row])}</td>`)}</tr>`,
      )}</tbody></table>`
    }
  </details>`;
}

/** By time, so that a pause is seen as one. */
function placeOf(at, most) {
  const span = at.at(-1) - at[0];
  return (index, value) => [
    span === 0 ? width : Math.round(((at[index] - at[0]) / span) * width * 10) / 10,
    Math.round((height - 1 - (value / most) * (height - 2)) * 10) / 10,
  ];
}

function pathOf(values, place) {
  let path = '';
  let isOn = false;
  for (const [index, value] of values.entries()) {
    if (value !== null) path += `${isOn ? 'L' : 'M'}${place(index, value).join(' ')}`;
    // One value alone is a dot.
    if (value !== null && !isOn) path += 'h1';
    isOn = value !== null;
  }
  return path;
}

const nearest = (at, asked) =>
  at.reduce((best, each, index) => (Math.abs(each - asked) < Math.abs(at[best] - asked) ? index : best), 0);

function niceAbove(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((nice) => nice >= value);
}
