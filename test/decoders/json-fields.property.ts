/** FIELDS-1, PARTLY-1: reading fields gives the answers of reading the whole. `npm run fuzz:json` compares ten million. */
import { expect, it } from 'vitest';
import { endOfText } from '../../functions/decoders/json-read/json-grammar.ts';
import { compareReaders } from './compare-readers.ts';

it('payloads with bytes changed have one event or one refusal, whichever way they are read', () => {
  const { events, byFields, ahead, accepted, differences } = compareReaders(7, 30_000);
  expect(differences).toEqual([]);
  // Else nothing was compared.
  expect(byFields).toBeGreaterThan(events / 4);
  expect(ahead).toBeGreaterThan(events / 30);
  expect(accepted).toBeGreaterThan(events / 8);
});

it('what is no UTF-8 is what TextDecoder refuses', () => {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const isText = (bytes: Uint8Array): boolean => {
    try {
      return strict.decode(bytes) !== undefined;
    } catch {
      return false;
    }
  };
  const edges = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  const ends = [0x41, 0x80, 0xbf, 0xc0];
  const wrong: string[] = [];
  for (let first = 0x80; first <= 0xff; first++) {
    for (const second of edges) {
      for (const third of ends) {
        for (const fourth of ends) {
          const bytes = Uint8Array.of(0x22, first, second, third, fourth, 0x22);
          if ((endOfText(bytes, 0) === bytes.length) !== isText(bytes)) wrong.push(Buffer.from(bytes).toString('hex'));
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
