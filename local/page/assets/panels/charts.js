import { chart } from '../chart.js';
import { html } from '../html.js';

export const charts = (title) => ({
  title,
  view: (model, { redraw }) => html`<div class="charts">${model.charts.map((each) => chart(each, redraw))}</div>`,
});
