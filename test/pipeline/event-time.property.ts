import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toEpochMs } from '../../functions/pipeline/event-time.ts';

const years = { min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true };

it('agrees with the platform on every ISO string it writes', () => {
  fc.assert(
    fc.property(fc.date(years), (date) => {
      expect(toEpochMs(date.toISOString())).toBe(date.getTime());
    }),
  );
});

it('reads one moment the same in every zone, with as many digits as there are', () => {
  const dates = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9998-01-01') });
  const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  fc.assert(
    fc.property(dates, offset, fc.nat(9), fc.constantFrom(':', ''), (date, minutes, digits, colon) => {
      const local = new Date(date.getTime() + minutes * 60_000).toISOString();
      const fraction = digits === 0 ? '' : `.${`${local.slice(20, 23)}987654`.slice(0, digits)}`;
      const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0');
      const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
      const text = `${local.slice(0, 19)}${fraction}${minutes < 0 ? '-' : '+'}${hours}${colon}${rest}`;
      const unit = 10 ** Math.max(0, 3 - digits);
      fc.pre(!/^[-+]/.test(local));
      expect(toEpochMs(text), text).toBe(Math.floor(date.getTime() / unit) * unit);
    }),
    { numRuns: 2_000 },
  );
});

it('accepts a date exactly if the calendar has it', () => {
  const part = (max: number) => fc.integer({ min: 0, max });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), part(13), part(32), (year, month, day) => {
      const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
      const date = new Date(`${text}T00:00:00.000Z`);
      const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
      expect(toEpochMs(`${text}T00:00:00Z`)).toBe(exists ? date.getTime() : undefined);
    }),
    { numRuns: 2_000 },
  );
});
