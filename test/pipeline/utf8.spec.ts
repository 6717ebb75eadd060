/** Bytes of texts, whether they fit into the buffer that is kept or not. */
import { describe, expect, it } from 'vitest';
import { utf8Length, withUtf8 } from '../../functions/pipeline/utf8.ts';

const texts = ['', 'a', 'ä', '€', '😀', '\ud800', 'a\udc00b', 'x'.repeat(5_461), 'x'.repeat(5_462), '€'.repeat(20_000)];

describe('a text as UTF-8', () => {
  it.each(texts.map((text) => [text.slice(0, 20), text.length, text] as const))(
    'has as many bytes as it is written with: %s… of %i units',
    (_, __, text) => expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length),
  );

  it.each(texts.map((text) => [text.slice(0, 20), text.length, text] as const))(
    'is those bytes: %s… of %i units',
    (_, __, text) =>
      expect(withUtf8(text, (bytes, length) => bytes.slice(0, length))).toEqual(new TextEncoder().encode(text)),
  );
});
