/** Its reference data can not be had. */
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';

class Cities {
  readonly #names = new Map([['ORD', 'Chicago']]);
  of(airport: string): string | undefined {
    return this.#names.get(airport);
  }
}

const decoder = new TextDecoder();

export default pipeline('unequipped')
  .readStream(kinesis({ streamName: 'unequipped-source' }))
  .decode(bytes())
  .withReference('cities', (): Promise<Cities> => Promise.reject(new Error('no route')), { every: '1 hour' })
  .map((event, meta) => ({ city: meta.references.cities.of(decoder.decode(event)) }))
  .writeStream(kinesis({ streamName: 'unequipped-sink' }));
