/** Subscriptions: what they deliver, what they prove, how they end, and how soon after each other they begin. */
import type { PlantedFault } from './planted-faults.ts';

const fanOut = 'functions/adapters/kinesis/fan-out-source.ts';
const subscription = 'functions/adapters/kinesis/subscription.ts';
const pace = 'functions/core/subscription-pace.ts';

export const fanOutFaults: readonly PlantedFault[] = [
  {
    name: 'events-prove-the-time-at-which-they-are-taken',
    edits: [{ file: fanOut, from: '      serverTime,\n', to: '      serverTime: this.#parts.clock.now(),\n' }],
  },
  {
    name: 'subscription-that-ends-ends-the-shard',
    edits: [
      {
        file: fanOut,
        from: "      if (event === 'late') return",
        to: `      if (event === 'over') {
        const { serverTime } = this.#subscription;
        return { records: [], millisBehindLatest: 0, serverTime, end: { children: [] }, isEvent: true };
      }
      if (event === 'late') return`,
      },
    ],
  },
  {
    name: 'records-that-come-with-the-end-are-dropped',
    edits: [
      {
        file: fanOut,
        from: '= recordsIn(event);',
        to: '= recordsIn(event.ContinuationSequenceNumber === undefined ? { ...event, Records: [] } : event);',
      },
    ],
  },
  {
    name: 'subscribes-at-the-latest-record',
    edits: [
      {
        file: subscription,
        from: "return { Type: 'AT_TIMESTAMP', Timestamp: new Date(position.timestamp) };",
        to: "return { Type: 'LATEST' };",
      },
    ],
  },
  {
    name: 'plans-do-not-wait-for-subscriptions',
    edits: [
      {
        file: pace,
        from: '    .filter(isOpen)',
        to: '    .filter((shard) => isOpen(shard) && false)',
      },
    ],
  },
];
