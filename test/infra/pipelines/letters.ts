import { bytes, kinesis, pipeline } from 'kinesis-sluice';

export default pipeline('letters')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }))
  .deadLettersTo(kinesis({ streamName: 'letters' }));
