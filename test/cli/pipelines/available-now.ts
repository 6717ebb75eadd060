/** Reads what is there when it begins. */
import { bytes, console, kinesis, pipeline } from 'kinesis-sluice';

export default pipeline('available-now')
  .readStream(kinesis({ streamName: 'lines', startingPosition: 'TRIM_HORIZON' }))
  .decode(bytes())
  .map((line) => ({ size: line.length }))
  .writeStream(console())
  .trigger({ availableNow: true });
