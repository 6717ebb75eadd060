/** The page: hears what has changed, and draws it. A panel is a file in `panels/` and a line in `panels/index.js`. */
import { ago } from './format.js';
import { html, render } from './html.js';
import { panels } from './panels/index.js';

const root = document.getElementById('page');
const models = {};
/** What was asked for, by question: `{ state: 'asking' | 'there' | 'failed', answer, message }`. */
const asked = {};
let connection = 'connecting';
let isFirst = true;

/** Asks the server, and draws the answer. */
async function ask(question, path) {
  asked[question] = { state: 'asking' };
  draw();
  try {
    const response = await fetch(path);
    const answer = await response.json();
    asked[question] = response.ok ? { state: 'there', answer } : { state: 'failed', message: answer.message };
  } catch {
    asked[question] = { state: 'failed', message: 'The server of this page does not answer.' };
  }
  draw();
  document.getElementById(`answer-${question}`)?.focus();
}

function forget(question, focusOn) {
  delete asked[question];
  draw();
  document.getElementById(focusOn)?.focus();
}

const context = { ask, asked, forget, redraw: () => draw(), model: (id) => models[id] };

function draw() {
  if (models.page === undefined) return;
  if (isFirst) root.textContent = '';
  isFirst = false;
  document.title = titleOf();
  render(page(), root);
}

const shownPanels = () => models.page.panels.filter((id) => panels[id] !== undefined && models[id] !== undefined);

const page = () => html`
  <a class="skip" href="#main">To what is shown</a>
  ${header()}
  <main id="main" tabindex="-1">${shownPanels().map(
    (id) => html`<section key=${id} id=${id} class="panel ${id}" aria-labelledby="title-${id}">
      <h2 id="title-${id}">${panels[id].title}</h2>${panels[id].view(models[id], context)}</section>`,
  )}</main>
  <footer><p>Read-only. ${models.page.mode === 'run' ? 'This page ends with its run.' : 'The table is read while this page is open, every two seconds.'}</p></footer>
  <p class="hidden" role="status" aria-live="polite">${spoken()}</p>`;

function header() {
  const { state = 'not running', committedBatch, committedAt } = models.loop ?? {};
  return html`<header class="top"><h1>${models.page.pipeline}</h1>
    <p class="chips"><span class="chip ${state.replace(' ', '-')}">${state}</span>
      <span class="chip">${committedBatch === null || committedBatch === undefined ? 'nothing committed' : `batch ${committedBatch}`}${committedAt ? `, ${ago(committedAt)}` : ''}</span>
      <span class="chip ${connection}">${connectionText[connection]}</span></p>
    <nav aria-label="Panels"><ul>${shownPanels().map((id) => html`<li><a href="#${id}">${panels[id].title}</a></li>`)}</ul></nav></header>`;
}

const connectionText = {
  connecting: 'connecting',
  open: 'live',
  lost: 'connection lost, trying again',
  over: 'the run is over',
};

const findings = () => models.findings?.findings ?? [];

function titleOf() {
  const count = findings().filter(({ severity }) => severity !== 'info').length;
  return `${count > 0 ? `(${count}) ` : ''}${models.page.pipeline}: Sluice`;
}

/** What a screen reader says of its own accord: what went wrong, not each batch. */
function spoken() {
  if (connection === 'lost' || connection === 'over') return connectionText[connection];
  const all = findings();
  if (all.length === 0) return 'Nothing is known to be wrong.';
  // Without the causes: they say since when, and would be said again and again.
  return all.map(({ severity, kind, subject }) => `${severity}: ${kind.replaceAll('-', ' ')}, ${subject}.`).join(' ');
}

const events = new EventSource('/events');
events.addEventListener('open', () => {
  connection = 'open';
  draw();
});
events.addEventListener('error', () => {
  if (connection !== 'over') connection = 'lost';
  draw();
});
events.addEventListener('message', ({ data }) => {
  const { over, ...changed } = JSON.parse(data);
  if (over === true) connection = 'over';
  else connection = 'open';
  Object.assign(models, changed);
  draw();
});
// Ages grow.
setInterval(draw, 1_000);
