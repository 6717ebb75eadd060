/** Bytes in JSON, so that they can be read again as they were. */
import type { PayloadForm } from '../pipeline/side-outputs.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function payloadForm(bytes: Uint8Array): PayloadForm {
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { base64: base64Of(bytes) };
  }
}

/** Arguments of a call have a limit. */
const atOnce = 32_768;

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += atOnce) text += String.fromCharCode(...bytes.subarray(at, at + atOnce));
  return btoa(text);
}
