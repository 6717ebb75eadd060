/**
 * Parquet files of 200,000 rows of one key group, whose reducer is killed at 50 of its writes: how long it takes, how large they are, and
 * whether other readers find in them what a direct computation says.
 *
 *   npm run parquet -- [a python that has duckdb and pyarrow]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import { createFilesSink } from '../../functions/adapters/files-sink.ts';
import { count, json, kinesis, min, parquet, pipeline, s3, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { FileList } from '../../functions/sinks/output-file.ts';
import type { CheckedS3Sink } from '../../functions/sinks/s3.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';

const rows = 200_000;
const crashes = 50;
const hour = 3_600_000;
const state = { batchId: 0, ref: 7, keyGroup: 0 };
const columns = { key: 'string', windowStart: 'timestamp', flights: 'int64', least: 'double' } as const;

const checked = requirePipeline(
  pipeline('bench')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })))
    .withWatermark((event) => event.at, { delay: '0 seconds' })
    .groupBy({ key: (event) => event.key })
    .window(tumbling('1 hour'))
    .aggregate({ flights: count(), least: min((event) => event.value) })
    .writeStream(s3({ bucket: 'bench', format: parquet({ columns }), maxRowsPerFile: rows, maxMiBPerFile: 64 })),
);

const keyOf = (at: number): string => `key-${String(at).padStart(6, '0')}`;
const partials = Array.from({ length: rows }, (_, at) => [[keyOf(at)], [[0, hour, [at % 97, at / 8]]]] as const);
const expected = Array.from({ length: rows }, (_, at) => ({
  key: keyOf(at),
  windowStart: new Date(0),
  flights: BigInt(at % 97),
  least: at / 8,
}));

/** Writes of the process, of which some are its last. */
let writes = 0;
const last = new Set<number>();
class Killed extends Error {}
const watched =
  <Given extends readonly unknown[], Answer>(write: (...given: Given) => Promise<Answer>) =>
  async (...given: Given): Promise<Answer> => {
    const number = writes++;
    if (last.has(number) && number % 2 === 0) throw new Killed();
    const answer = await write(...given);
    if (last.has(number)) throw new Killed();
    return answer;
  };

const memory: Memory = memoryPorts(
  scriptedSource(() => memory, {}),
  {},
);
const { ports } = memory;
const objects = { putIfAbsent: watched(ports.objectsAt(checked.outputs[0]!.files!).putIfAbsent) };
Object.assign(ports.rows, { putStep: watched(ports.rows.putStep) });
Object.assign(ports.states, { putState: watched(ports.states.putState) });
Object.assign(ports.fileNames, { putFiles: watched(ports.fileNames.putFiles) });
Object.assign(ports, { sink: () => createFilesSink(checked.outputs[0]!.sink.options as CheckedS3Sink, objects) });
await putSealed(memory, batchBody({ ...state, watermarkOut: hour, fingerprint: checked.fingerprint }), 0, [partials]);

// 200 steps, the state, a file and its names.
while (last.size < crashes) last.add(Math.floor((last.size * 203) / (crashes - 3)));
let died = 0;
const began = performance.now();
for (let isDone = false; !isDone; ) {
  try {
    const log = { info: () => {}, warn: () => {} };
    isDone = (await reduceKeyGroup({ epoch: 7, ...state, again: died > 0 }, { pipeline: checked, ports, log })).done;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    died += 1;
  }
}
const names = await ports.fileNames.loadFiles(state, 'main');
const files = names!.files.map(({ key }: FileList['files'][number]) => memory.objects.get(key)!);
const bytes = files.reduce((sum, file) => sum + file.length, 0);
say(`${rows} rows, killed ${died} times, ${files.length} file(s) of ${(bytes / 2 ** 20).toFixed(1)} MiB`);
say(`reduce ${((performance.now() - began) / 1_000).toFixed(1)} s, all tries together`);

const reading = performance.now();
const read = await Promise.all(files.map((file) => parquetReadObjects({ file: new Uint8Array(file).buffer })));
say(
  `hyparquet: ${isDeepStrictEqual(read.flat(), expected) ? 'equal' : 'DIFFERENT'}, ${Math.round(performance.now() - reading)} ms`,
);

const [python] = process.argv.slice(2);
if (python !== undefined) readByOthers(python);

function readByOthers(program: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-parquet-'));
  for (const [at, file] of files.entries()) writeFileSync(path.join(folder, `${at}.parquet`), file);
  const lines = expected.map(({ key, windowStart, flights, least }) =>
    JSON.stringify({ key, windowStart: windowStart.getTime(), flights: Number(flights), least }),
  );
  writeFileSync(path.join(folder, 'expected.ndjson'), lines.join('\n'));
  const { stdout, stderr, status } = spawnSync(program, [path.join(import.meta.dirname, 'parquet-readers.py'), folder]);
  process.stdout.write(status === 0 ? stdout : stderr);
  process.exitCode = status ?? 1;
  rmSync(folder, { recursive: true });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
