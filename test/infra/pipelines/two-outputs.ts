import { bytes, kinesis, pipeline } from 'kinesis-sluice';

const one = pipeline('two-outputs')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }));

/** Written by hand: the chain has one. */
export default { ...one, outputs: [...one.outputs, { id: 'copy', sink: kinesis({ streamName: 'copied' }) }] };
