/** Bytes as text, or that they are none. A byte order mark is left out. */
import { Undecoded } from './decoder-kind.ts';

export function textReader(): (data: Uint8Array) => string | Undecoded {
  const text = new TextDecoder('utf-8', { fatal: true });
  return (data) => {
    try {
      return text.decode(data);
    } catch {
      return new Undecoded('invalid-utf8', 'the bytes are not UTF-8');
    }
  };
}
