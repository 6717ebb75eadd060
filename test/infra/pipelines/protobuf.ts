/** Messages of a schema that was generated. */
import { kinesis, pipeline } from 'kinesis-sluice';
import { protobuf } from 'kinesis-sluice/protobuf';
import { FlightSchema } from '../../decoders/vectors/flight_pb.ts';

export default pipeline('delays')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(protobuf(FlightSchema))
  .filter((flight) => flight.delay > 15)
  .writeStream(kinesis({ streamName: 'delays' }));
