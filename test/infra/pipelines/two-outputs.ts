import { bytes, kinesis, pipeline } from 'kinesis-sluice';

export default pipeline('two-outputs')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }))
  .writeStream(kinesis({ streamName: 'copied' }), { name: 'copy', filter: (event) => event.length > 0 });
