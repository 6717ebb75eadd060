/** Lists, maps and symbols: what is made of several values, or of a table. */
import type { Enum } from './avro-type.ts';
import { type Cursor, Damaged } from './cursor.ts';
import type { Read } from './read-primitive.ts';

export function arrayOf(read: Read): Read {
  return (cursor) => {
    const items: unknown[] = [];
    eachOf(cursor, () => items.push(read(cursor)));
    return items;
  };
}

export function mapOf(read: Read): Read {
  return (cursor) => {
    const map: Record<string, unknown> = {};
    eachOf(cursor, () => {
      const key = cursor.string();
      const value = read(cursor);
      if (key === '__proto__')
        Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
      else map[key] = value;
    });
    return map;
  };
}

function eachOf(cursor: Cursor, readOne: () => void): void {
  for (let length = cursor.blockLength(); length > 0; length = cursor.blockLength()) {
    for (let item = 0; item < length; item += 1) {
      const before = cursor.at;
      readOne();
      if (cursor.at === before) cursor.payFree();
    }
  }
}

export function symbolOf({ name, symbols }: Enum, reader: Enum): Read {
  const read = symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.fallback));
  return (cursor) => {
    const index = cursor.int();
    const symbol = read[index];
    if (symbol !== undefined) return symbol;
    if (symbols[index] === undefined) throw new Damaged(`${name} has no symbol ${index}`);
    throw new Damaged(`${reader.name} has no symbol ${symbols[index]}, and no default`, 'schema-mismatch');
  };
}
