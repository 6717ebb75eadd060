/** docs/performance.md shows what lies in bench/results; `npx vitest run test/docs/performance.spec.ts --update` writes it anew from there. */
import { describe, expect, it } from 'vitest';
import { fasterPeersOf, pageFromResults, ratiosOf } from '../bench/scenarios/page.ts';
import type { Result } from '../bench/scenarios/results.ts';

it('docs/performance.md has the ratios of all results', async () => {
  await expect(pageFromResults()).toMatchFileSnapshot('../../docs/performance.md');
});

describe('the table of ratios', () => {
  const peer = { spread: [1.4, 1.6] as const, peerUs: 3, sluiceUs: 2, peerMb: 90, sluiceMb: 120 };
  const result: Result = {
    ...{ scenario: 'count', what: 'events', measure: 'CPU us', command: 'npm run bench -- count --rounds 3' },
    ...{ machine: 'one', loadAverage: 0, node: 'v24.0.0', date: '2026-01-01' },
    peers: [
      { ...peer, peer: 'slower', ratio: 1.5 },
      { ...peer, peer: 'faster', ratio: 0.5 },
    ],
  };

  it('has a row for each peer, and shows where one takes less', () => {
    expect(ratiosOf([result]).split('\n').slice(2)).toEqual([
      '| count | slower | 1.5 | 1.4 to 1.6 | 3 | 2 | 90 | 120 |',
      '| count | faster | **0.5** | 1.4 to 1.6 | 3 | 2 | 90 | 120 |',
    ]);
  });

  it('is followed by those that take less', () => {
    expect(fasterPeersOf([result])).toBe('- `count`: `faster` takes 0.5 of what Sluice takes.');
  });
});
