/** The draft of `sluice sample` takes every event that it was made of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { nothingSeen, see } from '../../cli/sample/seen-values.ts';
import { zodDraft } from '../../cli/sample/zod-draft.ts';

const moment = fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2100-01-01') });
const text = fc.oneof(
  fc.string(),
  fc.uuid(),
  moment.map((date) => date.toISOString()),
);
/** What every object inherits zod finds in those that have no such field of their own. */
const isInherited = (name: string): boolean => name in Object.prototype;
const names = fc.oneof(
  fc.constantFrom('a', 'b', "it's", 'a-b', '\u2028'),
  fc.string().filter((name) => !isInherited(name)),
);
const { event } = fc.letrec<{ event: unknown }>((tie) => ({
  event: fc.oneof(
    { depthSize: 'small' },
    ...[fc.constant(null), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), text],
    fc.array(tie('event'), { maxLength: 4 }),
    // As JSON makes it: a field of that name is none of the prototype.
    fc
      .array(fc.tuple(names, tie('event')), { maxLength: 5 })
      .map((entries) =>
        JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`),
      ),
  ),
}));

test('whatever the events are', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 6 }), (events) => {
      const seen = nothingSeen();
      for (const each of events) see(seen, each, { keepsValues: false });
      const body = zodDraft(seen, 'Event')
        .replace(/^import .*\n/, '')
        .replace('export const Event =', 'return');
      const Event = new Function('z', body)(z) as z.ZodType;
      for (const each of events) expect(Event.safeParse(each)).toMatchObject({ success: true });
    }),
  );
});
