/** What of an event travels in the block, beside what it says. */
import { expect, it } from 'vitest';
import { sealedEvent } from '../../functions/core/sealed-event.ts';

const place = { shardId: 's', sequenceNumber: '7', sub: 0 };

it('a payload that is passed on is a copy: the block does not keep the page that it came in', () => {
  const page = new Uint8Array(1_000).fill(7);
  const data = new Uint8Array(page.buffer, 10, 3);
  const record = { data, partitionKey: 'k', explicitHashKey: undefined };
  const [travels] = sealedEvent([{ output: 'main', record, bytes: 3 }], place, 4);
  const kept = travels!.carried.record;
  expect(kept).toEqual(record);
  expect((kept.data as Uint8Array).buffer.byteLength).toBe(3);
});
