/** Its reference data is no plain data. */
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';

class Cities {
  readonly #names = new Map([['ORD', 'Chicago']]);
  of(airport: string): string | undefined {
    return this.#names.get(airport);
  }
}

const decoder = new TextDecoder();

export default pipeline('enriched')
  .readStream(kinesis({ streamName: 'enriched-source' }))
  .decode(bytes())
  .withReference('cities', async () => new Cities(), { every: '1 hour', version: () => '1' })
  .map((event, meta) => ({ city: meta.references.cities.of(decoder.decode(event)) }))
  .writeStream(kinesis({ streamName: 'enriched-sink' }));
