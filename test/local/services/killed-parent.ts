/** Puts one record into an embedded server with state, says so and is gone without a word to the server. */
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { kinesisClient, localCredentials } from '../../../local/services/clients.ts';
import { startEmbeddedKinesis } from '../../../local/services/embedded-kinesis.ts';
import { createStream } from '../../../local/services/streams.ts';

const server = await startEmbeddedKinesis({ stateDirectory: process.argv[2] });
const client = kinesisClient({ region: 'us-east-1', credentials: localCredentials, endpoint: server.endpoint });
await createStream(client, 'orders', 1);
const data = Buffer.from('one');
const { SequenceNumber } = await client.send(
  new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data: data }),
);
process.stdout.write(JSON.stringify({ pid: server.pid, sequenceNumber: SequenceNumber }), () =>
  process.kill(process.pid, 'SIGKILL'),
);
