/** Does to its executor what the event says. */
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';

const decoder = new TextDecoder();
const kept: unknown[] = [];
const nothing = new Int32Array(new SharedArrayBuffer(4));

export const harm: Readonly<Record<string, () => void>> = {
  /** It leaves the processor to the other tests, whose time is measured: whoever runs it is held all the same. */
  loop() {
    for (;;) Atomics.wait(nothing, 0, 0, 1_000);
  },
  spin() {
    for (;;);
  },
  pattern() {
    /^(a+)+$/.test(`${'a'.repeat(60)}b`);
  },
  memory() {
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, at) => at + 0.5));
  },
  exit() {
    process.exit(3);
  },
  rejection() {
    void Promise.reject(new Error('nobody waits for this'));
  },
};

export default pipeline('harmful')
  .readStream(kinesis({ streamName: 'harmful-source' }))
  .decode(bytes())
  .map((event) => {
    const text = decoder.decode(event);
    harm[text]?.();
    return { text };
  })
  .writeStream(kinesis({ streamName: 'harmful-sink' }));
