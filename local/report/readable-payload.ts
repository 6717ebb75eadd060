/** A payload as a person reads it. */

/** Not a character is changed: it may be one that made it a dead letter. Control characters, which a terminal obeys, are base64. */
export function readable(payload: Uint8Array): { readonly form: 'text' | 'base64'; readonly text: string } {
  const base64 = { form: 'base64', text: Buffer.from(payload).toString('base64') } as const;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    return base64;
  }
  return /[^\P{Cc}\t\r\n]/u.test(text) ? base64 : { form: 'text', text };
}
