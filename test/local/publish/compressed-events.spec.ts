import { describe, expect, it } from 'vitest';
import { decompress } from '../../../functions/adapters/decompress.ts';
import { payloadExpander } from '../../../functions/core/expand-payload.ts';
import { compressions } from '../../../functions/pipeline/compression.ts';
import { compressedEvents } from '../../../local/publish/compressed-events.ts';
import { utf8 } from '../../support/builders.ts';

const chunks = [['{"n":1}', '{"n":2}'], [], ['']].map((texts) =>
  texts.map((text, at) => ({ data: utf8(text), partitionKey: `key-${at}` })),
);
const given = async function* () {
  yield* chunks;
};

describe.each(compressions)('events of a stream with compression %s', (compression) => {
  it('are read by it as what they were, chunk by chunk and under their keys', async () => {
    const expand = payloadExpander({ compression, maxDecompressedBytes: 100 }, decompress);
    const sent = await Array.fromAsync(compressedEvents(given(), compression));
    const read = sent.map((chunk) =>
      chunk.map(({ data, partitionKey }) => {
        const expanded = expand?.(data) ?? { kind: 'expanded' as const, data };
        if (expanded.kind !== 'expanded') throw new Error(expanded.kind);
        return { data: new Uint8Array(expanded.data), partitionKey };
      }),
    );
    expect(read).toEqual(chunks);
  });

  it('are the same bytes each time: a second run knows again what the first has sent', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => Array.fromAsync(compressedEvents(given(), compression))));
    expect(one).toEqual(other);
  });
});
