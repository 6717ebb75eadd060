/** How the SDK itself decodes answers of Kinesis, without a service. */
import { KinesisClient } from '@aws-sdk/client-kinesis';

const client = new KinesisClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });

/** `command`: the schema of one, such as `GetRecords$`. The decoder throws at what the SDK refuses. */
export function sdkDecoder<Output>(command: unknown): (body: Uint8Array) => Promise<Output> {
  const { protocol } = client.config as unknown as {
    protocol: { deserializeResponse(operation: unknown, context: unknown, response: unknown): Promise<Output> };
  };
  const [, namespace, name, traits, input, output] = command as readonly unknown[];
  const operation = { namespace, name, traits, input, output };
  return (body) => protocol.deserializeResponse(operation, client.config, { statusCode: 200, headers: {}, body });
}
