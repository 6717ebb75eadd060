/**
 * The header that serializers of the AWS Glue Schema Registry write before each payload:
 *
 *     03 | 00, or 05: what follows is a zlib stream | 16 bytes: id of the schema version | payload
 *
 * HEADER-1 What has no such header, or one that says something else, is refused: nothing of it is taken for a payload.
 */
import { isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { type Inflate, Undecoded } from './decoder-kind.ts';

const headerBytes = 18;
const headerVersion = 3;
const compressions = { none: 0, zlib: 5 } as const;

export type Taken = {
  /** In lower case, with dashes. */
  readonly versionId: string;
  /** Inflated, if it was compressed. */
  readonly data: Uint8Array;
};

export function takeHeader(data: Uint8Array, inflate: Inflate): Taken | Undecoded {
  if (data[0] !== headerVersion) return noHeader(`its first byte is ${data[0] ?? 'missing'}, not ${headerVersion}`);
  if (data.length < headerBytes) return noHeader(`it has ${data.length} of ${headerBytes} bytes`);
  const versionId = uuidOf(data.subarray(2, headerBytes));
  const payload = data.subarray(headerBytes);
  if (data[1] === compressions.none) return { versionId, data: payload };
  if (data[1] !== compressions.zlib) return noHeader(`its compression is ${data[1]}, not 0 or 5`);
  const inflated = inflate(payload);
  if (inflated.kind === 'expanded') return { versionId, data: inflated.data };
  if (inflated.kind === 'corrupt') return new Undecoded('invalid-compression', inflated.reason);
  return new Undecoded('payload-too-large', 'decompressed, it would be larger than maxDecompressedBytes');
}

const noHeader = (why: string): Undecoded =>
  new Undecoded('undecodable', `no header of the Glue Schema Registry: ${why}`);

export function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [0, 8, 12, 16, 20].map((from, at, all) => hex.slice(from, all[at + 1] ?? 32)).join('-');
}

export const unknownVersion = (versionId: string): Undecoded =>
  new Undecoded('unknown-schema', `schema version ${versionId} is none of decode.versions`);

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** `versions` as it was given: its entries by id, in lower case. Undefined: none are given, or a problem was told. */
export function readVersions(given: unknown, problems: Problem[]): RawOptions | undefined {
  if (given === undefined) return undefined;
  const allowed = 'an object of schemas by the ids of their versions, such as 4dbd8ad4-0000-4000-8000-000000000000';
  if (!isPlainObject(given)) problems.push(notAllowed('decode.versions', given, allowed));
  else if (Object.keys(given).length === 0) problems.push(missing('decode.versions', allowed));
  if (!isPlainObject(given)) return undefined;
  const wrong = Object.keys(given).filter((id) => !uuid.test(id));
  for (const id of wrong) problems.push(notAllowed('decode.versions', id, allowed));
  return Object.fromEntries(Object.entries(given).map(([id, schema]) => [id.toLowerCase(), schema]));
}
