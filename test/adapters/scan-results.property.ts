/** RESULT-1, RESULT-2: whatever is in an answer of PutRecords, a scan and the SDK's own decoder come to the same, or both refuse it. */
import { PutRecords$ } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { scanResults } from '../../functions/adapters/kinesis/scan-results.ts';
import { drawOf } from '../support/odd-answers.ts';
import { resultsFrom } from '../support/odd-results.ts';
import { sdkDecoder } from '../support/sdk-decoder.ts';

const scans = 8_000;

type Output = Readonly<Record<string, unknown>> & {
  readonly Records?: readonly { readonly SequenceNumber?: string }[];
};
const decode = sdkDecoder<Output>(PutRecords$);

async function outcomeOf(body: Buffer, scanned: ReturnType<typeof scanResults>): Promise<unknown> {
  try {
    const { $metadata: _, ...answer } = await decode(scanned?.rest ?? body);
    return scanned === undefined ? answer : { ...answer, Records: scanned.results() };
  } catch {
    return 'refused';
  }
}

it(`${scans} answers, partial refusals, odd and damaged ones among them`, async () => {
  const seen = { scanned: 0, left: 0, refused: 0 };
  for (let seed = 1; seed <= scans; seed++) {
    const body = resultsFrom(drawOf(Math.imul(seed, 0x9e3779b1)));
    const expected = await outcomeOf(Buffer.from(body), undefined);
    const scanned = scanResults(body);
    const outcome = await outcomeOf(body, scanned);
    // Compared as text first: a comparison of each is what would take the time.
    if (JSON.stringify(outcome) !== JSON.stringify(expected)) expect(outcome, `seed ${seed}`).toEqual(expected);
    if (scanned !== undefined) {
      seen.scanned += 1;
      if (expected !== 'refused') {
        const { Records = [] } = expected as Output;
        expect(scanned.taken, `seed ${seed}`).toBe(Records.length);
        expect(Records.every(({ SequenceNumber }) => typeof SequenceNumber === 'string')).toBe(true);
      }
    } else if (expected === 'refused') seen.refused += 1;
    else seen.left += 1;
  }
  // Of each kind there are enough to tell.
  expect(Math.min(seen.scanned, seen.left, seen.refused)).toBeGreaterThan(scans / 8);
});
