/** The digest that roots name of their blobs, wherever these lie. */
import { createHash } from 'node:crypto';

/** SHA-256 of all bytes. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
