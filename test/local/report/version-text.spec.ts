import { describe, expect, it } from 'vitest';
import { tableOfRows } from '../../../local/report/text-table.ts';
import { withVersionTexts } from '../../../local/report/version-text.ts';
import { resultIdentity } from '../../support/builders.ts';

const row = (account: string, version: object = {}) => ({ account, units: 7, _sluice: resultIdentity(version) });
const shown = (...rows: readonly unknown[]) => withVersionTexts(rows, '_sluice');

describe('rows for people', () => {
  it('have no identity where each is the result on time', () => {
    expect(shown(row('a'), row('b'))).toEqual([
      { account: 'a', units: 7 },
      { account: 'b', units: 7 },
    ]);
  });

  it.each([
    { version: { revision: 1, timing: 'late' }, text: 'revision 1, late' },
    { version: { revision: 0, timing: 'early' }, text: 'revision 0, early' },
    { version: { revision: 0, timing: 'late' }, text: 'revision 0, late' },
    { version: { revision: 3, timing: 'on-time' }, text: 'revision 3, on-time' },
    { version: { revision: 2, timing: 'late', retracted: true }, text: 'revision 2, late, retracted' },
  ])('all say which version they are where one is more than that: $text', ({ version, text }) => {
    expect(shown(row('a'), row('b', version))).toEqual([
      { account: 'a', units: 7, _sluice: 'revision 0, on-time' },
      { account: 'b', units: 7, _sluice: text },
    ]);
  });

  it('are as they are where they are no objects, or events', () => {
    const event = { id: 1, _sluice: { v: 1, sequence: '7' } };
    expect(shown('text', null, [1], 7, event)).toEqual(['text', null, [1], 7, { id: 1 }]);
    expect(shown('text', { id: 1 }, row('a', { revision: 1 }))).toEqual([
      'text',
      { id: 1 },
      { account: 'a', units: 7, _sluice: 'revision 1, on-time' },
    ]);
  });

  it('have that in the last column, also behind what a retraction lacks', () => {
    const taken = { account: 'a', _sluice: 'revision 1, late, retracted' };
    const table = tableOfRows([taken, { account: 'b', units: 7, _sluice: 'revision 0, late' }], {
      maxRows: 2,
      last: '_sluice',
    });
    expect(table.split('\n').slice(1, -1)).toEqual([
      '│ account │ units │ _sluice                     │',
      '├─────────┼───────┼─────────────────────────────┤',
      '│ a       │       │ revision 1, late, retracted │',
      '│ b       │ 7     │ revision 0, late            │',
    ]);
  });
});
