import { html } from '../html.js';

/** What stands between backticks is code. */
const withCode = (text) => text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));

export const findings = {
  title: 'Findings',
  view: ({ findings: all, more }) =>
    all.length === 0
      ? html`<p class="well">Nothing is known to be wrong.</p>`
      : html`<ul class="findings">${all.map(
          ({ kind, severity, subject, cause, mend }) => html`<li class=${severity}>
            <p><strong class="severity">${severity}</strong> <b>${kind.replaceAll('-', ' ')}: ${subject}</b></p>
            <p>${withCode(cause)}</p><p class="mend">${withCode(mend)}</p></li>`,
        )}</ul>${more > 0 && html`<p>${more} more.</p>`}`,
};
