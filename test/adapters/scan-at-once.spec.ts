/** Where the program can't run, or its memory can't grow, an answer is left to the scan record by record. */
import { afterEach, expect, it, vi } from 'vitest';

const record = (at: number) => ({
  ...{ SequenceNumber: `${at}`, ApproximateArrivalTimestamp: 1_767_229_200.5, Data: 'AAAA', PartitionKey: 'k' },
});
const bodyOf = (count: number) => {
  const body = Buffer.from(JSON.stringify({ Records: Array.from({ length: count }, (_, at) => record(at)) }));
  return { pieces: [body], length: body.length };
};
/** Node's types leave it to those of browsers. */
type Exports = { readonly run: unknown; readonly memory: { readonly buffer: ArrayBuffer } };
type Real = {
  readonly Instance: new (module: object) => { readonly exports: Exports };
  readonly Module: unknown;
  readonly validate: unknown;
};
const { Instance, Module, validate } = (globalThis as unknown as { readonly WebAssembly: Real }).WebAssembly;
const real: Real = { Instance, Module, validate };

async function freshScan() {
  vi.resetModules();
  const { scanAtOnce } = await import('../../functions/adapters/kinesis/scan-at-once.ts');
  return (count: number) => scanAtOnce(bodyOf(count))?.records.records.length;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it('an answer for which the memory has no room, and no answer after it that needs less', async () => {
  const { Instance, ...others } = real;
  let asked = 0;
  const withoutRoom = class {
    readonly exports;
    constructor(module: object) {
      const { run, memory } = new Instance(module).exports;
      const grow = (): never => {
        asked += 1;
        throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
      };
      this.exports = { run, memory: { buffer: memory.buffer, grow } };
    }
  };
  vi.stubGlobal('WebAssembly', { ...others, Instance: withoutRoom });
  const scan = await freshScan();
  expect([scan(250), scan(2_000), scan(250)]).toEqual([250, undefined, 250]);
  expect(asked).toBe(1);
});

it('an answer of more than the memory may become', async () => {
  const scan = await freshScan();
  expect([scan(700_000), scan(200)]).toEqual([undefined, 200]);
});

it('all answers, where Node was started without WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  const scan = await freshScan();
  expect([scan(200), scan(200)]).toEqual([undefined, undefined]);
});
