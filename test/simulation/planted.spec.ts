/** The planted faults: all of the model's that this product can have, and each fits the source as it is today. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyEdit, root } from './planted/broken-product.ts';
import { notApplicable, plantedFaults } from './planted/planted-faults.ts';

describe('a planted fault', () => {
  it.each(plantedFaults.map((fault) => [fault.name, fault] as const))(
    '%s changes one place of the source',
    (_, fault) => {
      const files = new Map<string, string>();
      for (const edit of fault.edits) {
        const before = files.get(edit.file) ?? readFileSync(path.join(root, edit.file), 'utf8');
        const after = applyEdit(before, edit, fault.name);
        expect(after).not.toBe(before);
        files.set(edit.file, after);
      }
      expect(files.size).toBeGreaterThan(0);
    },
  );

  it('that fits no place, or several, is told', () => {
    expect(() => applyEdit('a b a', { file: 'f', from: 'a', to: 'c' }, 'twice')).toThrow('twice: 2 places fit');
    expect(() => applyEdit('a b a', { file: 'f', from: 'x', to: 'c' }, 'gone')).toThrow('gone: 0 places fit');
  });
});

describe('the planted faults', () => {
  it('have names of their own', () => {
    expect(new Set(plantedFaults.map(({ name }) => name)).size).toBe(plantedFaults.length);
  });

  it('have every row of the model, but those that need what the product does not have', () => {
    const planted = new Set(plantedFaults.map(({ row }) => row));
    const rows = Array.from({ length: 67 }, (_, at) => `D${at + 1}`);
    expect(rows.filter((row) => !planted.has(row) && notApplicable[row] === undefined)).toEqual([]);
    expect(rows.filter((row) => planted.has(row) && notApplicable[row] !== undefined)).toEqual([]);
  });
});
