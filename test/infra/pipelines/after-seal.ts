/** One output is sent to while reading, the other after the seal. */
import { bytes, kinesis } from '../../../functions/index.ts';
import { pipelineWith } from '../../../functions/pipeline/chain.ts';
import { ownKinds } from '../../../functions/pipeline/kinds.ts';
import { shelf, shelfKind } from '../../toys/shelf.ts';

const pipeline = pipelineWith({ ...ownKinds, sinks: ownKinds.sinks.with(shelfKind) });

export default pipeline('after-seal')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }))
  .writeStream(shelf('kept'), { name: 'kept', map: (event) => ({ length: event.length }) });
