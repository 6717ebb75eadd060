/** The test kit has an MD5 of its own. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { md5 } from '../../functions/testing/md5.ts';

it('gives what Node gives, of every length up to three blocks', () => {
  for (let length = 0; length <= 192; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 131 + length * 7) & 255);
    expect(md5(bytes), `${length}`).toEqual(new Uint8Array(createHash('md5').update(bytes).digest()));
  }
});
