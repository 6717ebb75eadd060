/** What was asked for: it is under way, it is there, or it failed. It has the focus when it comes. */
import { html } from '../html.js';

export function answer(question, { asked }, view) {
  const { state, answer: given, message } = asked[question] ?? {};
  if (state === undefined) return null;
  return html`<div class="answer" id="answer-${question}" tabindex="-1">${
    state === 'asking'
      ? html`<p class="empty">Reading.</p>`
      : state === 'failed'
        ? html`<p class="bad">${message}</p>`
        : view(given)
  }</div>`;
}
