import { duration } from '../format.js';
import { html } from '../html.js';

const does = {
  plan: 'what to read',
  process: 'executors read',
  seal: 'what the batch is',
  reduce: 'windows, outputs',
  commit: 'it counts',
  wait: 'for the trigger',
};
const from = {
  driver: 'The lit step is what this run does now.',
  head: 'From the head of the table: of the lit steps one is under way.',
  nothing: 'It has never run.',
};

/** A run on this machine is nobody else's. */
const whose = (execution) => (execution.startsWith('local/') ? '' : `, ${execution}`);

const detail = ({ state, running, failed, ms }) =>
  [
    ...(running > 1 ? [`${running} at once`] : state === 'running' ? ['now'] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(ms === null ? [] : [duration(ms)]),
  ].join(', ');

export const loop = {
  title: 'The loop',
  view: ({ steps, batchId, leaseUntil, execution, knownFrom }) => html`
    <ol class="loop">${steps.map(
      (
        step,
      ) => html`<li class=${`${step.state} ${step.failed > 0 ? 'failed' : ''}`} aria-current=${step.state === 'running' ? 'step' : undefined}>
        <b>${step.step}</b><span>${does[step.step]}</span><small>${detail(step) || '\u00a0'}</small></li>`,
    )}</ol>
    <p class="soft">${batchId === null ? '' : `Next: batch ${batchId}. `}${from[knownFrom]}${leaseUntil === null ? '' : ` Lease until ${new Date(leaseUntil).toISOString().slice(11, 19)} UTC${whose(execution)}.`}</p>`,
};
