/** One batch of a test: events, or something that happens without any. */
import { SluiceError } from '../core/errors.ts';
import { toEpochMs } from '../pipeline/event-time.ts';
import { isPlainObject } from '../pipeline/options.ts';

/** A `Date`, milliseconds since 1970, or an ISO text with a zone. */
export type Moment = Date | number | string;

/** An event as its producer writes it, not compressed: bytes are taken as they are, everything else is sent as JSON. */
export type TestEvent<Input> = Input | Uint8Array;

/** Where a run dies: before what it reads is sealed, or when half of the key groups have stored what they reduced. */
export type Death = 'reading' | 'reducing';

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
    }
  | {
      /** No events; from here on callbacks find these in `meta.references`, by the names of `withReference`. */
      readonly references: Readonly<Record<string, unknown>>;
    }
  | {
      /**
       * The run dies in the next batch, and is begun anew from what it has saved: `'reading'`, before anything is sealed, so that all is
       * read again; `'reducing'`, when the batch is sealed and half of the key groups are done. What comes of it is the same, and the
       * callbacks were called again.
       */
      readonly crash: 'reading' | 'reducing';
    };

/** What it comes to. */
export type Turn<Input> =
  | { readonly kind: 'events'; readonly events: readonly TestEvent<Input>[] }
  | { readonly kind: 'shards'; readonly events: ReadonlyMap<string, readonly TestEvent<Input>[]> }
  | { readonly kind: 'watermark'; readonly time: number }
  | { readonly kind: 'clock'; readonly time: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'references'; readonly values: unknown; readonly where: string }
  | { readonly kind: 'crash'; readonly while: Death }
  | { readonly kind: 'close' };

const forms = "a list of events, 'cut', or an object of one field: shards, watermark, clock, references, cut or crash";

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
  if (fields.length === 1 && name === 'references') return { kind: name, values: value, where: `${where}.${name}` };
  if (fields.length === 1 && name === 'crash') return { kind: name, while: deathOf(value, `${where}.crash`) };
  throw new SluiceError('InvalidInput', `${where}: it is not allowed; use ${forms}`);
}

function deathOf(value: unknown, where: string): Death {
  if (value === 'reading' || value === 'reducing') return value;
  throw new SluiceError('InvalidInput', `${where}: ${String(value)} is not allowed; use 'reading' or 'reducing'`);
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
