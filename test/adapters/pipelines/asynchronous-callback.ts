/** Answers with a promise, but only to some events. */
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';

const decoder = new TextDecoder();

export default pipeline('asynchronous-callback')
  .readStream(kinesis({ streamName: 'asynchronous-callback-source' }))
  .decode(bytes())
  .map((event) => {
    const text = decoder.decode(event);
    return text === 'rare' ? (Promise.resolve({ text }) as never) : { text };
  })
  .writeStream(kinesis({ streamName: 'asynchronous-callback-sink' }));
