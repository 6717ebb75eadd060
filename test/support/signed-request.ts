/** Who signed a request, for which region, with which session. */
import type { IncomingMessage } from 'node:http';

export function credentialOf({ headers }: IncomingMessage): { readonly accessKeyId: string; readonly region: string } {
  const [, accessKeyId = '', region = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(String(headers.authorization ?? '')) ?? [];
  return { accessKeyId, region };
}

export function sessionTokenOf({ headers }: IncomingMessage): string | undefined {
  return headers['x-amz-security-token'] as string | undefined;
}
