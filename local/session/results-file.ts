/** What a sink stream holds, as text: one JSON value per line. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { recordsWithin } from '../services/records-within.ts';
import { readStream } from '../services/stream-reader.ts';
import type { StreamTarget } from '../services/streams.ts';

const strictText = new TextDecoder('utf-8', { fatal: true });

/** Every record as it is, repeated ones too. Returns how many there are. */
export async function writeResults(client: KinesisClient, stream: StreamTarget, path: string): Promise<number> {
  const file = createWriteStream(path);
  await once(file, 'open');
  let count = 0;
  for await (const records of readStream(client, stream)) {
    const within = records.flatMap(({ data }) => recordsWithin(data));
    count += within.length;
    const text = within.map((data) => `${toJsonLine(data)}\n`).join('');
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return count;
}

/** JSON on one line stays byte by byte what it was; other text becomes a JSON string, other bytes their base64. */
export function toJsonLine(data: Uint8Array): string {
  const text = toText(data);
  if (text === undefined) return JSON.stringify({ base64: Buffer.from(data).toString('base64') });
  try {
    const value: unknown = JSON.parse(text);
    return /[\r\n]/.test(text) ? JSON.stringify(value) : text;
  } catch {
    return JSON.stringify(text);
  }
}

function toText(data: Uint8Array): string | undefined {
  try {
    return strictText.decode(data);
  } catch {
    return undefined;
  }
}
