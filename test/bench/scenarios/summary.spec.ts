import { describe, expect, it } from 'vitest';
import { answerOf, eventOf } from '../../../bench/side-by-side/answers.ts';
import { compare, quantile, type Turns } from '../../../bench/side-by-side/summary.ts';

const turns = (name: string, cpuUs: readonly number[], digest?: string): Turns => ({
  name,
  turns: cpuUs.map((us, round) => ({
    units: 10,
    cpuUs: us,
    peakMb: 100 + round,
    ...(digest === undefined ? {} : { digest }),
  })),
});

describe('a comparison', () => {
  it('is the median of the ratios of rounds, where half of them lie, and the most memory of all', () => {
    const [sluice, peer] = [turns('sluice', [10, 20, 10, 10, 10]), turns('peer', [30, 60, 20, 40, 50])];
    expect(compare('count', [sluice, peer])).toEqual([
      {
        ...{ scenario: 'count', peer: 'peer', ratio: 3, spread: [3, 4], peerUs: 4, sluiceUs: 1 },
        ...{ peerMb: 104, sluiceMb: 104 },
      },
    ]);
  });

  it('is refused of a peer that does other work', () => {
    const [sluice, peer] = [turns('sluice', [1], '200 groups'), turns('peer', [1], '199 groups')];
    expect(() => compare('count', [sluice, peer])).toThrow(
      'peer has other results than sluice: 199 groups against 200 groups',
    );
  });

  it('knows shares between two values', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 4]);
  });
});

describe('the answers of the stub', () => {
  it('have events of the size that is asked for, in GetRecords as Kinesis writes it', () => {
    const shape = { records: 3, bytes: 1_000, keys: 2 };
    const answer = JSON.parse(answerOf(shape));
    expect(answer).toMatchObject({ MillisBehindLatest: 0, NextShardIterator: expect.stringMatching(/^A{10}/) });
    const texts = answer.Records.map(({ Data }: { Data: string }) => Buffer.from(Data, 'base64').toString());
    expect(texts).toEqual([0, 1, 2].map((at) => eventOf(at, shape)));
    expect(texts.map((text: string) => text.length)).toEqual([1_000, 1_000, 1_000]);
    expect(texts.map((text: string) => JSON.parse(text).country)).toEqual(['country-0', 'country-1', 'country-0']);
  });
});
