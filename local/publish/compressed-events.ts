/** Events as producers of a compressed stream send them: the payload of each, on its own. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../../functions/pipeline/compression.ts';
import type { EventToPublish } from './publisher.ts';

type Chunks = AsyncIterable<readonly EventToPublish[]>;

/** With `auto` as with `none`, events go as they are: that is one of the forms it takes. */
export function compressedEvents(events: Chunks, compression: Compression): Chunks {
  if (compression === 'gzip') return eachCompressed(events, gzipSync);
  if (compression === 'zstd') return eachCompressed(events, zstdCompressSync);
  return events;
}

async function* eachCompressed(
  events: Chunks,
  compress: (data: Uint8Array) => Uint8Array,
): AsyncGenerator<readonly EventToPublish[]> {
  for await (const chunk of events) {
    yield chunk.map((event) => ({ ...event, data: compress(event.data) }));
  }
}
