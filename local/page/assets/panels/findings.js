import { html } from '../html.js';

export const findings = {
  title: 'Findings',
  view: ({ findings: all, more }) =>
    all.length === 0
      ? html`<p class="well">Nothing is known to be wrong.</p>`
      : html`<ul class="findings">${all.map(
          ({ kind, severity, subject, cause, mend }) => html`<li key=${`${kind} ${subject}`} class=${severity}>
            <p><strong class="severity">${severity}</strong> <b>${subject}</b> ${cause}</p><p class="mend">${mend}</p></li>`,
        )}</ul>${more > 0 && html`<p>${more} more.</p>`}`,
};
