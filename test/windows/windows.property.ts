/** The contract, for every kind of windows there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowKinds } from '../../functions/windows/index.ts';
import { windowContract } from './window-contract.ts';

const dayMs = 86_400_000;
const inUtc = fc
  .integer({ min: 1, max: 40 * dayMs })
  .chain((sizeMs) => fc.record({ sizeMs: fc.constant(sizeMs), offsetMs: fc.nat(sizeMs - 1) }));
const zone = fc.constantFrom('Europe/Berlin', 'Pacific/Apia', 'America/Sao_Paulo', 'Africa/Monrovia');
const inZone = fc
  .integer({ min: 1, max: 40 })
  .chain((days) => fc.record({ sizeMs: fc.constant(days * dayMs), offsetMs: fc.nat(days * dayMs - 1), zone }));
const optionsOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  tumbling: fc.oneof({ arbitrary: inUtc, weight: 4 }, inZone),
  sliding: fc
    .record({ paneMs: fc.integer({ min: 1, max: 86_400_000 }), size: fc.integer({ min: 1, max: 40 }) })
    .chain(({ paneMs, size }) =>
      fc
        .record({ sizeMs: fc.constant(paneMs * size), every: fc.integer({ min: 1, max: size }) })
        .chain(({ sizeMs, every }) =>
          fc.record({
            sizeMs: fc.constant(sizeMs),
            everyMs: fc.constant(paneMs * every),
            offsetMs: fc.nat(paneMs * every - 1),
          }),
        ),
    ),
  session: fc.record({ gapMs: fc.integer({ min: 1, max: 40 * dayMs }) }),
  global: fc.record({ ttlMs: fc.integer({ min: 1, max: 40 * dayMs }) }),
  'per-micro-batch': fc.constant({}),
};

it('is asked of each kind', () => {
  expect(windowKinds.all.map(({ kind }) => kind)).toEqual(Object.keys(optionsOf));
});

for (const kind of windowKinds.all) windowContract(kind, optionsOf[kind.kind]!);

it('are aligned to their offset', () => {
  fc.assert(
    fc.property(inUtc, fc.integer(), (options, at) => {
      const { sizeMs, offsetMs } = options;
      const [window] = windowKinds.of({ kind: 'tumbling' })!.assigner(options)(at, 0);
      expect((BigInt(window!.start) - BigInt(offsetMs)) % BigInt(sizeMs)).toBe(0n);
    }),
  );
});
