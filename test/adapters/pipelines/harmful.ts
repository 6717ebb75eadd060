/** Does to its executor what the event says. */
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';

const decoder = new TextDecoder();
const kept: unknown[] = [];

export const harm: Readonly<Record<string, () => void>> = {
  loop() {
    for (;;);
  },
  pattern() {
    /^(a+)+$/.test(`${'a'.repeat(60)}b`);
  },
  memory() {
    for (;;) kept.push({ number: kept.length, text: `text ${kept.length}` });
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
