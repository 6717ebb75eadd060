/**
 * The records of an output that writes files, portion by portion, out of its stored steps.
 *
 * SENDFILES-1 Portions are counted from the first row, whoever comes back: those before `sent` are there, and are named again. Those that
 *    are at another place, where they went before a deployment, are put anew: what is named is there.
 * SENDFILES-2 The names are stored when all files are there, and before the output says that all is sent: the commit asks for them.
 */

import { recordsOf } from '../../core/outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import type { SentOutbox } from '../../core/sent-outbox.ts';
import { type NamedFile, Portion } from '../../sinks/output-file.ts';
import type { OutputFiles, OutputRecord, PortionPlace } from '../../sinks/output-sink.ts';
import type { StepReader } from './outbox-reader.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

export type FilesToSend = {
  readonly files: OutputFiles;
  readonly output: string;
  readonly state: KeyGroupState;
  /** Of its rows. */
  readonly length: number;
  readonly sent: SentOutbox;
  readonly deadline: number;
};

/** `onSent`: told how far it has come, each time. Throws where the sink does. */
export async function sendFiles(
  { fileNames, clock }: Pick<ReduceRuntime['ports'], 'fileNames' | 'clock'>,
  outbox: StepReader,
  given: FilesToSend,
  onSent: (sent: SentOutbox) => void,
): Promise<void> {
  const { files, output, state, length, sent, deadline } = given;
  if (sent.count >= length) return;
  const { place: where } = files;
  const there = sent.place === where ? sent.count : 0;
  const named: NamedFile[] = [];
  let from = 0;
  let isFirst = true;
  for await (const rows of portionsOf(outbox, state, output)) {
    const { generation, batchId, ref, keyGroup } = state;
    const place: PortionPlace = { generation, batchId, ref, keyGroup, output, from };
    const made = files.filesOf(rows, place);
    from += rows.length;
    named.push(...made.map(({ key, rows: { length: count } }) => ({ key, rows: count })));
    if (from <= there) continue;
    // However little time there is: each round puts a portion.
    if (!isFirst && clock.now() >= deadline) return;
    isFirst = false;
    await files.put(made, deadline);
    if (from < length) onSent({ count: from, ahead: [], place: where });
  }
  await fileNames.putFiles(state, output, { bucket: files.bucket, files: named });
  onSent({ count: length, ahead: [] });
}

async function* portionsOf(
  outbox: StepReader,
  { steps }: KeyGroupState,
  output: string,
): AsyncGenerator<readonly OutputRecord[]> {
  let portion = new Portion();
  for (const [number, { records }] of steps.entries()) {
    if (records[output] === undefined) continue;
    for (const row of recordsOf(await outbox.step(number), output)) {
      if (portion.take(row)) continue;
      yield portion.rows;
      portion = new Portion();
      portion.take(row);
    }
  }
  if (portion.rows.length > 0) yield portion.rows;
}
