/**
 * Files that are made of a stored outbox.
 *
 * FILE-1 Which rows a file has, and its name, follow from the stored rows alone: whoever sends them, and however often, writes the same.
 *    So what a portion is cut by is stored with each row, and a deployment in between changes nothing of it.
 * FILE-2 A name is written once. Whoever finds it there has nothing to do.
 * FILE-3 What is in hand is one portion: so many rows, bytes and partitions at most.
 */
import type { AssumedRole } from '../pipeline/stream.ts';
import type { OutputFile, OutputRecord, PortionPlace } from './output-sink.ts';

/** What a list says of a file. */
export type NamedFile = {
  readonly key: string;
  readonly rows: number;
  /** Where it is not in the bucket of its list: since then another one was deployed. */
  readonly bucket?: string;
};

/** Of one output of a key group's batch. */
export type WrittenFiles = { readonly bucket: string; readonly files: readonly NamedFile[] };

/** Where objects lie, and under which names. */
export type FilePlace = {
  readonly bucket: string;
  /** Empty, or with a / at its end. */
  readonly prefix: string;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  /** Undefined: the program's own credentials. */
  readonly role: AssumedRole | undefined;
};

/** By what a portion is cut. */
export type CutLimits = { readonly maxRows: number; readonly maxBytes: number };

/** Each is a request of its own. */
const mostPartitions = 200;
/** Of rows that another kind of sinks has stored. */
const usualLimits: CutLimits = { maxRows: 100_000, maxBytes: 33_554_432 };

/** What is stored as the partition key of a row: the folder of its file, and the limits. */
export const portionKey = ({ maxRows, maxBytes }: CutLimits, folder: string): string =>
  `${maxRows} ${maxBytes} ${folder}`;

function parsePortionKey(key: string): { readonly limits: CutLimits; readonly folder: string } {
  const [, maxRows, maxBytes, folder] = /^(\d+) (\d+) (.*)$/s.exec(key) ?? [];
  if (folder === undefined) return { limits: usualLimits, folder: '' };
  return { limits: { maxRows: Number(maxRows), maxBytes: Number(maxBytes) }, folder };
}

/** Rows that follow each other, and go into files together. */
export class Portion {
  readonly rows: OutputRecord[] = [];
  readonly #keys = new Set<string>();
  #limits = usualLimits;
  #bytes = 0;

  /** False: it is whole, and the row is the first of the next one. */
  take(row: OutputRecord): boolean {
    const bytes = row.data.length;
    if (this.rows.length > 0 && !this.#hasRoom(row.partitionKey, bytes)) return false;
    if (!this.#keys.has(row.partitionKey)) {
      this.#keys.add(row.partitionKey);
      this.#limits = parsePortionKey(row.partitionKey).limits;
    }
    this.rows.push(row);
    this.#bytes += bytes;
    return true;
  }

  #hasRoom(key: string, bytes: number): boolean {
    const { maxRows, maxBytes } = this.#limits;
    if (this.rows.length >= maxRows || this.#bytes + bytes > maxBytes) return false;
    if (this.#keys.has(key)) return true;
    const { limits } = parsePortionKey(key);
    return this.#keys.size < mostPartitions && limits.maxRows === maxRows && limits.maxBytes === maxBytes;
  }
}

/** A file for each folder, in the order of their first rows. */
export function filesOfPortion(
  rows: readonly OutputRecord[],
  place: PortionPlace,
  { prefix, extension }: { readonly prefix: string; readonly extension: string },
): readonly OutputFile[] {
  const byFolder = new Map<string, OutputRecord[]>();
  for (const row of rows) {
    const { folder } = parsePortionKey(row.partitionKey);
    const ofFolder = byFolder.get(folder);
    if (ofFolder === undefined) byFolder.set(folder, [row]);
    else ofFolder.push(row);
  }
  const { generation, batchId, ref, keyGroup, output, from } = place;
  const name = `${[generation, batchId, ref, keyGroup, output, from].join('-')}.${extension}`;
  return Array.from(byFolder, ([folder, ofFolder]) => ({
    key: `${prefix}${folder === '' ? '' : `${folder}/`}${name}`,
    rows: ofFolder,
  }));
}

/** What names the files of a committed batch. */
export type FileList = {
  readonly v: 1;
  readonly pipeline: string;
  readonly generation: number;
  readonly batch: number;
  readonly ref: number;
  /** Of a rewind: the lists of batches behind this one, up to the list's own, no longer count. */
  readonly after?: number;
  readonly files: readonly NamedFile[];
};

/** Lists lie beside the files: no folder of rows has such a name. */
export const listFolder = '_sluice';

export const keyOfList = (prefix: string, { generation, batch, ref }: Omit<FileList, 'files'>): string =>
  `${prefix}${listFolder}/${generation}/${batch}-${ref}.json`;
