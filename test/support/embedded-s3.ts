/**
 * The part of S3 that files need, on 127.0.0.1: buckets by path, PutObject with `If-None-Match: *`, GetObject with a range, HeadObject,
 * DeleteObject, DeleteObjects, ListObjectsV2, and of versions that were deleted ListObjectVersions and CopyObject. It refuses what S3 refuses: what is not signed, names over 1,024 bytes, bodies that are not what their
 * checksum says, buckets that it does not have.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

export type EmbeddedS3 = AsyncDisposable & {
  readonly endpointUrl: string;
  /** By bucket and key, in the order of their keys. */
  objects(bucket: string): ReadonlyMap<string, Buffer>;
  /** With all its versions, also those of before: as the lifecycle of a bucket does at last. */
  forget(bucket: string, key: string): void;
  /** As if it had been put then: epoch milliseconds. */
  age(bucket: string, key: string, modifiedAt: number): void;
  /** Method and path of each request, in their order. */
  readonly requests: readonly string[];
  /** Of the next requests, one each: what is answered instead. `lost`: it is done, and not answered. */
  readonly answers: (Instead | undefined)[];
};

/** `hollow`: nothing but a status of success. */
type Instead = 'lost' | 'hollow' | S3Error;

export type S3Error = { readonly status: number; readonly code: string };

const maxKeyBytes = 1_024;
const mostListed = 1_000;

type StoredObject = { readonly body: Buffer; readonly modifiedAt: number };

/** Objects by key. A version that was deleted is kept, and can be read by its id. */
class Objects extends Map<string, StoredObject> {
  readonly noncurrent = new Map<string, { readonly key: string; readonly body: Buffer }>();

  override delete(key: string): boolean {
    const found = this.get(key);
    if (found !== undefined) this.noncurrent.set(`v${this.noncurrent.size + 1}`, { key, body: found.body });
    return super.delete(key);
  }
}

export async function startEmbeddedS3(...buckets: readonly string[]): Promise<EmbeddedS3> {
  const stored = new Map(buckets.map((bucket): [string, Objects] => [bucket, new Objects()]));
  const requests: string[] = [];
  const answers: EmbeddedS3['answers'] = [];
  const server = createServer(async (request, response) => {
    const body = await bytesOf(request);
    requests.push(`${request.method} ${request.url}`);
    const instead = answers.shift();
    if (instead === undefined || instead === 'lost') {
      const answer = answerTo(stored, request, body);
      if (instead === 'lost') request.socket.destroy();
      else send(response, answer);
    } else send(response, instead === 'hollow' ? { status: 200 } : refused(instead.status, instead.code));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: (bucket) =>
      new Map(
        [...(stored.get(bucket) ?? [])]
          .map(([key, { body }]) => [key, body] as const)
          .sort(([one], [other]) => (one < other ? -1 : 1)),
      ),
    age(bucket, key, modifiedAt) {
      const objects = stored.get(bucket)!;
      objects.set(key, { ...objects.get(key)!, modifiedAt });
    },
    forget(bucket, key) {
      const objects = stored.get(bucket)!;
      objects.delete(key);
      const { noncurrent } = objects;
      for (const [id, version] of noncurrent) if (version.key === key) noncurrent.delete(id);
    },
    requests,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string | undefined;
};

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  response.writeHead(status, { 'x-amz-request-id': 'embedded', ...headers });
  response.end(body);
}

const refused = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

function answerTo(
  stored: ReadonlyMap<string, Objects>,
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
): Answer {
  if (headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') !== true) return refused(403, 'AccessDenied');
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, name = '', ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const bucket = stored.get(name);
  if (bucket === undefined) return refused(404, 'NoSuchBucket');
  if (Buffer.byteLength(key) > maxKeyBytes) return refused(400, 'KeyTooLongError');
  const source = headers['x-amz-copy-source'];
  if (method === 'PUT' && source !== undefined) return copy(bucket, { key, source: String(source) });
  if (method === 'PUT') return put(bucket, { key, body, headers });
  if (method === 'DELETE') {
    bucket.delete(key);
    return { status: 204 };
  }
  if (method === 'POST' && searchParams.has('delete')) return deleteAll(bucket, body, headers);
  if (key === '' && searchParams.has('versions')) return versions(bucket, searchParams.get('prefix') ?? '');
  if (key === '') return list(bucket, searchParams);
  const found = bucket.get(key);
  if (found === undefined) return refused(404, 'NoSuchKey');
  return method === 'HEAD'
    ? { status: 200, headers: { 'content-length': String(found.body.length) } }
    : ranged(found.body, headers.range);
}

type Put = { readonly key: string; readonly body: Buffer; readonly headers: IncomingMessage['headers'] };

/** Without a sum of its body S3 takes no deletion of several. */
function deleteAll(bucket: Objects, body: Buffer, headers: IncomingMessage['headers']): Answer {
  if (headers['x-amz-checksum-crc32'] !== crc32Of(body)) return refused(400, 'InvalidRequest');
  const keys = [...body.toString().matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
  if (keys.length === 0 || keys.length > mostListed) return refused(400, 'MalformedXML');
  for (const key of keys) bucket.delete(unescaped(key));
  const deleted = keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('');
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<DeleteResult>${deleted}</DeleteResult>`,
  };
}

function put(bucket: Objects, { key, body, headers }: Put): Answer {
  const condition = headers['if-none-match'];
  if (condition !== undefined && condition !== '*') return refused(501, 'NotImplemented');
  const sum = headers['x-amz-checksum-crc32'];
  if (sum !== undefined && sum !== crc32Of(body)) return refused(400, 'BadDigest');
  if (condition === '*' && bucket.has(key)) return refused(412, 'PreconditionFailed');
  bucket.set(key, { body, modifiedAt: Date.now() });
  return { status: 200, headers: { etag: '"embedded"' } };
}

function crc32Of(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

function ranged(found: Buffer, range: string | undefined): Answer {
  if (range === undefined) return { status: 200, body: found };
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const from = first === '' ? Math.max(0, found.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? found.length - 1 : Math.min(Number(last), found.length - 1);
  if (from > to) return refused(416, 'InvalidRange');
  const headers = { 'content-range': `bytes ${from}-${to}/${found.length}` };
  return { status: 206, headers, body: found.subarray(from, to + 1) };
}

function list(bucket: Objects, search: URLSearchParams): Answer {
  if (search.get('list-type') !== '2') return refused(501, 'NotImplemented');
  const prefix = search.get('prefix') ?? '';
  const after = search.get('continuation-token') ?? search.get('start-after') ?? '';
  const most = Math.min(mostListed, Number(search.get('max-keys') ?? mostListed));
  const keys = [...bucket.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, most);
  const isCut = page.length < keys.length;
  const entries = page.map((key) => {
    const { body, modifiedAt } = bucket.get(key)!;
    const about = `<Size>${body.length}</Size><LastModified>${new Date(modifiedAt).toISOString()}</LastModified>`;
    return `<Contents><Key>${escaped(key)}</Key>${about}</Contents>`;
  });
  const next = isCut ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : '';
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body:
      `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><KeyCount>${page.length}</KeyCount>` +
      `<IsTruncated>${isCut}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
  };
}

function versions({ noncurrent }: Objects, prefix: string): Answer {
  const found = [...noncurrent].filter(([, { key }]) => key.startsWith(prefix));
  const entries = found.map(
    ([id, { key }]) =>
      `<Version><Key>${escaped(key)}</Key><VersionId>${id}</VersionId><IsLatest>false</IsLatest></Version>`,
  );
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<ListVersionsResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListVersionsResult>`,
  };
}

function copy(bucket: Objects, { key, source }: { readonly key: string; readonly source: string }): Answer {
  const [path = '', id = ''] = source.split('?versionId=');
  const version = bucket.noncurrent.get(id);
  if (version === undefined || decodeURIComponent(path.split('/').slice(1).join('/')) !== version.key)
    return refused(404, 'NoSuchVersion');
  bucket.set(key, { body: version.body, modifiedAt: Date.now() });
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: '<CopyObjectResult><ETag>"embedded"</ETag></CopyObjectResult>',
  };
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
