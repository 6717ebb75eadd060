/** docs/planted-faults.md says what was found; `npx vitest run test/docs/planted-faults.spec.ts --update` writes it anew. */
import { expect, it } from 'vitest';
import { findings } from '../simulation/planted/findings.ts';
import { plantedFaults } from '../simulation/planted/planted-faults.ts';

const longest = 110;

it('docs/planted-faults.md has the seed, the check and the script of every planted fault', async () => {
  const rows = findings.map(({ name, found }) => {
    const row = plantedFaults.find((fault) => fault.name === name)?.row ?? '';
    const script = found.faults.length > longest ? `${found.faults.split(';').length} faults` : found.faults;
    return `| ${name} | ${row} | ${found.seed} | ${found.invariant} | ${script === '' ? 'none' : `\`${script}\``} |`;
  });
  const text = [
    '# Planted faults',
    '',
    `${findings.length} small breakages of the product, each found by the [simulation](simulation.md#planted-faults):`,
    'the first seed that found it, the check that did, and the fewest faults with which it does. Scripts that are long are in',
    '[found.json](../test/simulation/planted/found.json). Rows D are those of the model that the protocol was checked with.',
    '',
    '| Planted | Row | Seed | Found by | Faults needed |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../docs/planted-faults.md');
});
