/**
 * Makes `flights.ndjson.gz` from the parquet file of the npm package `vega-datasets`. The result is part of the
 * repository; this is here so that anyone can make it again and get the same bytes.
 *
 * Neither package belongs to this project, so install them somewhere else (Node 22.15 or later, for zstd):
 *
 *     mkdir /tmp/flights && cd /tmp/flights && npm init --yes && npm install vega-datasets@3.2.1 hyparquet@1.31.5
 *     node <repository>/examples/data/make-flights.ts node_modules/vega-datasets/data/flights-3m.parquet [output.gz]
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync, zstdDecompressSync } from 'node:zlib';

const rowCount = 20_000;

type Flight = {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
};

/** The two functions of hyparquet that are used; its own types are not installed here. */
type Hyparquet = {
  asyncBufferFromFile(path: string): Promise<unknown>;
  parquetReadObjects(options: {
    file: unknown;
    rowEnd: number;
    compressors: { ZSTD(input: Uint8Array): Uint8Array };
  }): Promise<Flight[]>;
};

const [parquetPath, outputPath = resolve(import.meta.dirname, 'flights.ndjson.gz')] = process.argv.slice(2);
if (parquetPath === undefined) throw new Error('Give the path of flights-3m.parquet.');

/** Found beside the parquet file, not beside this script. */
const hyparquetPath = createRequire(resolve(parquetPath)).resolve('hyparquet');
const { asyncBufferFromFile, parquetReadObjects } = (await import(pathToFileURL(hyparquetPath).href)) as Hyparquet;

const flights = await parquetReadObjects({
  file: await asyncBufferFromFile(parquetPath),
  rowEnd: rowCount,
  compressors: { ZSTD: (input) => zstdDecompressSync(input) },
});
// Numbers are 64 bits wide in the file and small in fact; JSON cannot write a BigInt.
const lines = flights.map(({ date, delay, distance, origin, destination }) =>
  JSON.stringify({ date, delay: Number(delay), distance: Number(distance), origin, destination }),
);
const gz = gzipSync(`${lines.join('\n')}\n`, { level: 9 });
// The head of a gzip file: bytes 4 to 7 are the time, which zlib leaves at 0, and byte 9 names the operating system.
gz[9] = 255;
writeFileSync(outputPath, gz);
process.stdout.write(`${lines.length} rows, ${gz.length} bytes: ${outputPath}\n`);
