import { describe, expect, it } from 'vitest';
import { sideRows } from '../../../local/report/side-rows.ts';

const late = { eventTime: '2026-01-01T00:00:00.000Z', windowEnd: '2026-01-01T01:00:00.000Z', lateByMs: 7 };
const place = { payloadBytes: 9, partitionKey: 'k', source: 'main', shardId: 'shardId-000000000000' };

describe('rows of side outputs, for people', () => {
  it('are of late events what came, its time, the end of its window and how late it is', () => {
    expect(sideRows([{ payload: { text: '{"n":1}' }, ...place, ...late }], 'late')).toEqual([
      { payload: '{"n":1}', ...late },
    ]);
  });

  it.each([
    { payload: { text: '' }, shown: '' },
    { payload: { base64: '/w==' }, shown: '/w==' },
    { payload: null, shown: 'too large' },
  ])('have $payload as $shown', ({ payload, shown }) => {
    expect(sideRows([{ payload, ...late }], 'late')).toEqual([{ payload: shown, ...late }]);
  });

  it('are of dead letters why they are, and what came', () => {
    const letter = { reason: 'schema-mismatch', message: 'n: expected number', payload: { text: '{"n":"x"}' } };
    expect(sideRows([{ ...letter, ...place }], 'dead-letters')).toEqual([{ ...letter, payload: '{"n":"x"}' }]);
  });

  it('are of other outputs as they are', () => {
    const rows = [{ payload: { text: 'mine' }, lateByMs: 1 }, 7];
    expect(sideRows(rows, 'main')).toBe(rows);
  });
});
