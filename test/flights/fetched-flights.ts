/** The flights of the npm package vega-datasets, which is fetched for the run: they are no part of this repository. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';

export type Flight = {
  /** Departure, epoch milliseconds. */
  readonly at: number;
  /** Minutes. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
  readonly origin: string;
};

type Row = { readonly date: Date; readonly delay: bigint; readonly distance: bigint; readonly origin: string };

/** What is used of hyparquet; its own types are not installed here. */
type Hyparquet = {
  asyncBufferFromFile(path: string): Promise<unknown>;
  parquetReadObjects(options: {
    file: unknown;
    columns: readonly string[];
    rowEnd: number;
    compressors: { ZSTD(input: Uint8Array): Uint8Array };
  }): Promise<Row[]>;
};

const packages = ['vega-datasets@3.2.1', 'hyparquet@1.31.5'];

/** The first so many, as they are in `flights-3m.parquet`: in order of time. */
export async function fetchedFlights(count: number): Promise<Flight[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flights-'));
  try {
    const npm = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      ...packages,
    ];
    execFileSync('npm', npm, { stdio: ['ignore', 'ignore', 'inherit'] });
    const modules = path.join(folder, 'node_modules');
    const hyparquet = createRequire(path.join(modules, 'of-flights.js')).resolve('hyparquet');
    const { asyncBufferFromFile, parquetReadObjects } = (await import(pathToFileURL(hyparquet).href)) as Hyparquet;
    const rows = await parquetReadObjects({
      file: await asyncBufferFromFile(path.join(modules, 'vega-datasets', 'data', 'flights-3m.parquet')),
      columns: ['date', 'delay', 'distance', 'origin'],
      rowEnd: count,
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    return rows.map(({ date, delay, distance, origin }) => ({
      ...{ at: date.getTime(), delay: Number(delay), distance: Number(distance), origin },
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
