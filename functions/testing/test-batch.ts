/** One batch of a test: events, or something that happens without any. */
import { SluiceError } from '../core/errors.ts';
import { toEpochMs } from '../pipeline/event-time.ts';
import { isPlainObject } from '../pipeline/options.ts';

/** A `Date`, milliseconds since 1970, or an ISO text with a zone. */
export type Moment = Date | number | string;

/** An event as its producer writes it, not compressed: bytes are taken as they are, everything else is sent as JSON. */
export type TestEvent<Input> = Input | Uint8Array;

/** One of `batches` of `runPipeline`: a list of events, which several shards share in turn, `'cut'`, or one of these objects. */
export type TestBatch<Input> =
  | readonly TestEvent<Input>[]
  | 'cut'
  | {
      /** Events of several shards, by the name of each. */
      readonly shards: Readonly<Record<string, readonly TestEvent<Input>[]>>;
    }
  | {
      /**
       * No events; every shard says that nothing before this time will follow, as if it had delivered an event of just that time
       * and the delay, which a `filter` left out.
       */
      readonly watermark: Moment;
    }
  | {
      /** No events; the stream is read at this time of its clock. Later events arrive at it. */
      readonly clock: Moment;
    }
  | {
      /** As `'cut'`: the run ends and is begun anew from what it has saved, written as JSON and read again. */
      readonly cut: true;
    };

/** What it comes to. */
export type Turn<Input> =
  | { readonly kind: 'events'; readonly events: readonly TestEvent<Input>[] }
  | { readonly kind: 'shards'; readonly events: ReadonlyMap<string, readonly TestEvent<Input>[]> }
  | { readonly kind: 'watermark'; readonly time: number }
  | { readonly kind: 'clock'; readonly time: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'close' };

const forms = "a list of events, 'cut', or an object of one field: shards, watermark, clock or cut";

/** @throws SluiceError InvalidInput */
export function turnOf<Input>(batch: TestBatch<Input>, where: string): Turn<Input> {
  if (batch === 'cut') return { kind: 'cut' };
  if (Array.isArray(batch)) return { kind: 'events', events: batch };
  const fields = isPlainObject(batch) ? Object.entries(batch) : [];
  const [name, value] = fields[0] ?? [];
  if (fields.length === 1 && name === 'cut' && value === true) return { kind: 'cut' };
  if (fields.length === 1 && name === 'shards' && isPlainObject(value))
    return { kind: name, events: ofShards(value, where) };
  if (fields.length === 1 && (name === 'watermark' || name === 'clock'))
    return { kind: name, time: momentOf(value as Moment, `${where}.${name}`) };
  throw new SluiceError('InvalidInput', `${where}: it is not allowed; use ${forms}`);
}

function ofShards<Input>(shards: object, where: string): ReadonlyMap<string, readonly TestEvent<Input>[]> {
  for (const [name, events] of Object.entries(shards)) {
    if (!Array.isArray(events))
      throw new SluiceError('InvalidInput', `${where}.shards.${name}: it is not allowed; use a list of events`);
  }
  return new Map(Object.entries(shards));
}

/** @throws SluiceError InvalidInput */
export function momentOf(given: Moment, where: string): number {
  const time = toEpochMs(given);
  if (time !== undefined) return time;
  const told = typeof given === 'string' ? `'${given}'` : String(given);
  throw new SluiceError(
    'InvalidInput',
    `${where}: ${told} is no moment; use a Date, epoch milliseconds or an ISO time with a zone`,
  );
}
