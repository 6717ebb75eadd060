/** Its schema promises: at once, later, never, or because a callback of it threw. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { json, kinesis, pipeline } from '../../../functions/index.ts';

const promises: Readonly<Record<string, (value: unknown) => unknown>> = {
  at_once: async (value) => ({ value }),
  later: (value) => new Promise((resolve) => setTimeout(resolve, 20, { value })),
  never: () => new Promise(() => {}),
  broken: () => Promise.reject(new Error('a callback of the schema threw')),
};

const schema: StandardSchemaV1<unknown, unknown> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (promises[String(value)]?.(value) ?? { value }) as StandardSchemaV1.Result<unknown>,
  },
};

export default pipeline('asynchronous-schema')
  .readStream(kinesis({ streamName: 'asynchronous-source' }))
  .decode(json(schema))
  .writeStream(kinesis({ streamName: 'asynchronous-sink' }));
