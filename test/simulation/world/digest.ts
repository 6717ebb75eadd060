import { createHash } from 'node:crypto';

export const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
