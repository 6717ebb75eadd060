/** The binary format of WebAssembly, as far as the programs here need it: https://webassembly.github.io/spec/core/binary/ */

export const types = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;
export type Type = (typeof types)[keyof typeof types];

/** Seven bits a byte. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

export function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

export type Program = {
  /** Of `run`; all are of 32 bits. */
  readonly parameters: number;
  /** What it gives; absent: nothing. */
  readonly result?: Type;
  /** Of its locals behind the parameters. */
  readonly locals: readonly Type[];
  /** Without the `end` of the function. */
  readonly code: readonly number[];
  /** Of memory, 64 KiB each: from the start, and at most. */
  readonly pages: number;
  readonly mostPages?: number;
};

/** The module: `run` and its `memory`. */
export function moduleOf({ parameters, result, locals, code, pages, mostPages }: Program): Uint8Array<ArrayBuffer> {
  const results = result === undefined ? [0] : [1, result];
  const own = locals.flatMap((type) => [1, type]);
  // Long lists are joined by calls: with `...`, which is slow where code runs once, the program of twelve lanes took twice as long to write.
  const body = unsigned(locals.length).concat(own, code, 0x0b);
  const limits = mostPages === undefined ? [0, ...unsigned(pages)] : [1, ...unsigned(pages), ...unsigned(mostPages)];
  return new Uint8Array(
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(
      section(1, [1, 0x60, ...unsigned(parameters), ...Array<number>(parameters).fill(types.i32), ...results]),
      section(3, [1, 0]),
      section(5, [1, ...limits]),
      section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
      section(10, [1].concat(unsigned(body.length), body)),
    ),
  );
}

const section = (id: number, content: readonly number[]): number[] => [id].concat(unsigned(content.length), content);
const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];

/** As much of it as is used here; Node's types leave it to those of browsers. Undefined: Node was started without it. */
declare const WebAssembly:
  | undefined
  | {
      validate(program: Uint8Array): boolean;
      readonly Module: new (program: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: object };
    };

export type Memory = {
  /** Another one after each `grow`. */
  readonly buffer: ArrayBuffer;
  /** By so many pages. @throws RangeError there is no room for them */
  grow(pages: number): number;
};
export type Running = { readonly memory: Memory; readonly run: (...parameters: readonly number[]) => number };

/** Undefined: there are no vectors of WebAssembly here, no leave to run what is not JavaScript, or no room for its memory. */
export function start(program: Uint8Array): Running | undefined {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(program)) return undefined;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(program)).exports as Running;
  } catch {
    return undefined;
  }
}
