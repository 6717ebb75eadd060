/** Its function has a client of the AWS SDK of its own, which is loaded when it is first needed. */
import { bytes, kinesis, pipeline } from 'kinesis-sluice';

const ofStates = async () => new (await import('@aws-sdk/client-sfn')).SFNClient({});

export default pipeline('own-client')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .filter((event) => event.length > 0 && typeof ofStates === 'function')
  .writeStream(kinesis({ streamName: 'out' }));
