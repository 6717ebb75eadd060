/**
 * MD5 of twelve messages side by side, or of eight, as a WebAssembly program that is put together here.
 *
 * Each step of MD5 waits for the one before, so a processor idles through most of a message; with one message in each
 * lane of a vector, and three vectors in turn, it does not, and with two nearly not. Written out, the 64 steps are 200
 * lines of the same thing for each vector; as a program that writes them they are the formulas of RFC 1321.
 *
 *   memory   0      K[0..63], each four times      state   vectors a b c d of group 0, of group 1, …
 *
 *   run(p0, p1, …, blocks): takes that many blocks of 64 bytes from the address of each lane into the states.
 */
import { moduleOf, signed, type Type, types, unsigned } from '../../webassembly/format.ts';

const lanesPerVector = 4;
const groupsOf = (lanes: number): number => lanes / lanesPerVector;
export const stateAddress = 64 * 16;
/** Of a program with so many lanes. */
export const freeAddressOf = (lanes: number): number => stateAddress + groupsOf(lanes) * 4 * 16;

const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** Of each round, which word of the block its steps take. */
const wordOf = [
  (step: number) => step,
  (step: number) => (5 * step + 1) % 16,
  (step: number) => (3 * step + 5) % 16,
  (step: number) => (7 * step) % 16,
] as const;

const nothing = 0x40;
const vector = { load: 0, store: 11, constant: 12, shuffle: 13, or: 80, xor: 81, select: 82 } as const;
const words = { shiftLeft: 171, shiftRight: 173, add: 174 } as const;

/** Instructions, and how many locals they use; the parameters are the first. */
class Code {
  readonly bytes: number[] = [];
  locals: number;

  constructor(parameters: number) {
    this.locals = parameters;
  }

  newLocals(count: number): number[] {
    return Array.from({ length: count }, () => this.locals++);
  }

  get(...locals: readonly number[]): this {
    for (const local of locals) this.bytes.push(0x20, ...unsigned(local));
    return this;
  }

  set(local: number): this {
    return this.plain(0x21, ...unsigned(local));
  }

  plain(...instructions: readonly number[]): this {
    this.bytes.push(...instructions);
    return this;
  }

  number(value: number): this {
    return this.plain(0x41, ...signed(value));
  }

  vector(instruction: number, ...immediates: readonly number[]): this {
    return this.plain(0xfd, ...unsigned(instruction), ...immediates);
  }

  load(offset: number): this {
    return this.vector(vector.load, 4, ...unsigned(offset));
  }

  store(offset: number): this {
    return this.vector(vector.store, 4, ...unsigned(offset));
  }

  /** Four words out of the eight of two vectors. */
  pick(one: number, other: number, picked: readonly number[]): this {
    const bytes = picked.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]);
    return this.get(one, other).vector(vector.shuffle, ...bytes);
  }
}

type Four = [number, number, number, number];

type Group = {
  readonly addresses: readonly number[];
  readonly state: readonly number[];
  readonly before: readonly number[];
  readonly block: readonly number[];
};

/** Words lie one after the other in a message; a vector has the same word of four messages. */
function loadBlock(code: Code, { addresses, block }: Group, spare: readonly number[]): void {
  const [one, two, three, four] = spare as Four;
  const [low, lowOther, high, highOther] = spare.slice(4) as Four;
  for (let quarter = 0; quarter < 4; quarter++) {
    for (const [at, local] of [one, two, three, four].entries()) {
      code
        .get(addresses[at]!)
        .load(16 * quarter)
        .set(local);
    }
    code.pick(one, two, [0, 4, 1, 5]).set(low);
    code.pick(three, four, [0, 4, 1, 5]).set(lowOther);
    code.pick(one, two, [2, 6, 3, 7]).set(high);
    code.pick(three, four, [2, 6, 3, 7]).set(highOther);
    const [first, second, third, fourth] = block.slice(4 * quarter) as Four;
    code.pick(low, lowOther, [0, 1, 4, 5]).set(first);
    code.pick(low, lowOther, [2, 3, 6, 7]).set(second);
    code.pick(high, highOther, [0, 1, 4, 5]).set(third);
    code.pick(high, highOther, [2, 3, 6, 7]).set(fourth);
  }
}

/** F, G, H and I of the RFC. `select` takes the bits of its first where the third has ones, else of its second. */
function mix(code: Code, round: number, [b, c, d]: readonly [number, number, number], ones: number): void {
  if (round === 0) code.get(c, d, b).vector(vector.select);
  else if (round === 1) code.get(b, c, d).vector(vector.select);
  else if (round === 2) code.get(c, d).vector(vector.xor).get(b).vector(vector.xor);
  else code.get(d, ones).vector(vector.xor).get(b).vector(vector.or).get(c).vector(vector.xor);
}

/** a = b + ((a + mix(b, c, d) + K[step] + word) rotated left) */
function step(code: Code, at: number, { state, block }: Group, spare: number, ones: number): void {
  const round = at >> 4;
  const [a, b, c, d] = [0, 1, 2, 3].map((name) => state[(name + 64 - at) % 4]!) as Four;
  const shift = shifts[round]![at % 4]!;
  code
    .number(0)
    .load(16 * at)
    .get(block[wordOf[round]!(at)]!)
    .vector(words.add)
    .get(a)
    .vector(words.add);
  mix(code, round, [b, c, d], ones);
  code.vector(words.add).set(spare);
  code.get(spare).number(shift).vector(words.shiftLeft);
  code
    .get(spare)
    .number(32 - shift)
    .vector(words.shiftRight);
  code.vector(vector.or).get(b).vector(words.add).set(a);
}

function program(lanes: number): Code {
  const code = new Code(lanes + 1);
  const all = Array.from(
    { length: groupsOf(lanes) },
    (_, group): Group => ({
      addresses: Array.from({ length: lanesPerVector }, (_, lane) => group * lanesPerVector + lane),
      state: code.newLocals(4),
      before: code.newLocals(4),
      block: code.newLocals(16),
    }),
  );
  const spare = code.newLocals(8);
  const [ones] = code.newLocals(1) as [number];

  code.vector(vector.constant, ...Array<number>(16).fill(255)).set(ones);
  for (const [at, { state }] of all.entries())
    for (const [name, local] of state.entries()) code.number(0).load(stateAddressOf(at, name)).set(local);
  code.plain(0x03, nothing);
  for (const group of all) {
    loadBlock(code, group, spare);
    for (const [name, local] of group.state.entries()) code.get(local).set(group.before[name]!);
  }
  for (let at = 0; at < 64; at++) for (const [of, group] of all.entries()) step(code, at, group, spare[of]!, ones);
  for (const { state, before } of all)
    for (const [name, local] of state.entries()) code.get(local, before[name]!).vector(words.add).set(local);
  goOn(code, lanes);
  for (const [at, { state }] of all.entries())
    for (const [name, local] of state.entries()) code.number(0).get(local).store(stateAddressOf(at, name));
  return code;
}

/** Each address to the next block, and from the start of the loop again while there are any. */
function goOn(code: Code, lanes: number): void {
  for (let lane = 0; lane < lanes; lane++) code.get(lane).number(64).plain(0x6a).set(lane);
  const blocks = lanes;
  code.get(blocks).number(1).plain(0x6b).set(blocks).get(blocks).plain(0x0d, 0, 0x0b);
}

const stateAddressOf = (group: number, name: number): number => stateAddress + (4 * group + name) * 16;

/** The module, of four lanes, of eight or of twelve: `run` and its `memory` of so many pages of 64 KiB. */
export function md5Program(lanes: number, pages: number): Uint8Array<ArrayBuffer> {
  const { bytes: code, locals } = program(lanes);
  const parameters = lanes + 1;
  return moduleOf({ parameters, locals: Array<Type>(locals - parameters).fill(types.v128), code, pages });
}
