/** What user code says of an event, out of its bytes or of what was decoded ahead of it. */
import { byItself } from '../../decoders/decoder-kind.ts';
import type { Judgement } from '../judge-event.ts';
import type { EventSource, KinesisRecord } from '../record.ts';
import type { Step } from './step.ts';

/** `decoded`: what was made of its payload, at which nothing looks then, or `byItself`. */
export function judgementOf(
  { reader }: Step,
  record: KinesisRecord,
  event: EventSource,
  sub: number,
  decoded: unknown,
): Judgement {
  const { judge, table } = reader.task;
  const data = decoded === byItself ? event.data : undefined;
  const meta = reader.metaFor(record, event, sub);
  const place = meta === undefined && table === undefined ? reader.placeFor(record, event, sub) : undefined;
  return judge(data, meta, reader.base, record.arrivalMs, place, decoded);
}
