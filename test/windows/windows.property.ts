/** The contract, for every kind of windows there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowKinds } from '../../functions/windows/index.ts';
import { windowContract } from './window-contract.ts';

const optionsOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  tumbling: fc
    .integer({ min: 1, max: 40 * 86_400_000 })
    .chain((sizeMs) => fc.record({ sizeMs: fc.constant(sizeMs), offsetMs: fc.nat(sizeMs - 1) })),
  'per-micro-batch': fc.constant({}),
};

it('is asked of each kind', () => {
  expect(windowKinds.all.map(({ kind }) => kind)).toEqual(Object.keys(optionsOf));
});

for (const kind of windowKinds.all) windowContract(kind, optionsOf[kind.kind]!);

it('are aligned to their offset', () => {
  fc.assert(
    fc.property(optionsOf.tumbling!, fc.integer(), (options, at) => {
      const { sizeMs, offsetMs } = options as { sizeMs: number; offsetMs: number };
      const [window] = windowKinds.of({ kind: 'tumbling' })!.assigner(options)(at, 0);
      expect((BigInt(window!.start) - BigInt(offsetMs)) % BigInt(sizeMs)).toBe(0n);
    }),
  );
});
