import { bytes, count, kinesis, pipeline, tumbling } from 'kinesis-sluice';

export default pipeline('side-outputs')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .withWatermark((_, { arrivalTime }) => arrivalTime, { delay: '1 minute' })
  .groupBy({})
  .window(tumbling('1 hour'))
  .sideOutputLate(kinesis({ streamName: 'late-events' }))
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'out' }))
  .deadLettersTo(kinesis({ streamName: 'letters' }));
