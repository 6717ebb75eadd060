/** SCAN-1, SCAN-2: whatever is in an answer, a scan and the SDK's own decoder come to the same, or both refuse it. */
import { GetRecords$ } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { given } from '../../functions/adapters/incomplete-answer.ts';
import type { Body } from '../../functions/adapters/kinesis/collect-body.ts';
import { toRecord } from '../../functions/adapters/kinesis/kinesis-record.ts';
import { scanAtOnce } from '../../functions/adapters/kinesis/scan-at-once.ts';
import { scanRecords } from '../../functions/adapters/kinesis/scan-records.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import { answerFrom } from '../support/odd-answers.ts';
import { sdkDecoder } from '../support/sdk-decoder.ts';

/** By hand a million, with `SCANS=1000000`. */
const scans = Number(process.env.SCANS ?? 8_000);

type Output = Readonly<Record<string, unknown>> & { readonly Records?: Parameters<typeof toRecord>[0][] };
const decode = sdkDecoder<Output>(GetRecords$);

const plain = ({ sequenceNumber, partitionKey, data, arrivalMs }: KinesisRecord) => ({
  ...{ sequenceNumber, partitionKey, arrivalMs },
  data: Buffer.from(data).toString('hex'),
});

async function outcomeOf(body: Buffer, scanned: ReturnType<typeof scanRecords>): Promise<unknown> {
  try {
    const { Records, $metadata: _, ...rest } = await decode(scanned?.rest ?? body);
    const records = scanned?.records.records ?? given(Records, 'Records').map(toRecord);
    return { ...rest, records: records.map(plain) };
  } catch {
    return 'refused';
  }
}

/** Wherever the network has cut it. */
function inPieces(body: Buffer, seed: number): Body {
  const cut = (seed * 7_919) % (body.length + 1);
  return { pieces: [body.subarray(0, cut), body.subarray(cut)], length: body.length };
}

/** Compared as text first: a comparison of each is what would take the time. */
function expectSame(outcome: unknown, expected: unknown, whose: string): void {
  if (JSON.stringify(outcome) !== JSON.stringify(expected)) expect(outcome, whose).toEqual(expected);
}

it(`${scans} answers, odd and damaged ones among them`, async () => {
  const seen = { atOnce: 0, scanned: 0, left: 0, refused: 0 };
  for (let seed = 1; seed <= scans; seed++) {
    const body = answerFrom(seed);
    const expected = await outcomeOf(Buffer.from(body), undefined);
    const atOnce = scanAtOnce(inPieces(body, seed), 0);
    if (atOnce !== undefined) expectSame(await outcomeOf(body, atOnce), expected, `seed ${seed}, at once`);
    const scanned = scanRecords(body);
    expectSame(await outcomeOf(body, scanned), expected, `seed ${seed}`);
    if (atOnce !== undefined) seen.atOnce += 1;
    if (scanned !== undefined) seen.scanned += 1;
    else if (expected === 'refused') seen.refused += 1;
    else seen.left += 1;
  }
  if (process.env.SCANS !== undefined) process.stdout.write(`${JSON.stringify(seen)}\n`);
  // Of each kind there are enough to tell.
  expect(Math.min(seen.atOnce, seen.scanned, seen.left, seen.refused)).toBeGreaterThan(scans / 8);
});
