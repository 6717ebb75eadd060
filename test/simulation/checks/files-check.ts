/**
 * FILE-1, FILE-2, LIST-1: no name is written twice, and of one place each row is in one file; when a batch is committed its list names
 * files that are there, with their rows, and each row of the batch is in exactly one of them, wherever files were put before a deployment.
 */
import type { FileList } from '../../../functions/sinks/output-file.ts';
import type { StoredObject } from '../services/s3/simulated-s3.ts';
import type { Dimensions } from '../world/dimensions.ts';
import { isList, nameOfFile, partsOf, placeOfFile } from '../world/files.ts';
import { recordName } from './fold.ts';
import type { SinkEntry } from './sink-checks.ts';
import type { Report } from './violation.ts';

type Batch = { readonly batchId: number; readonly ref: number };

/** `files`: those that have it. */
type Row = { readonly text: string; readonly files: Set<string> };
type Listed = ReadonlyMap<string, number>;

export class FilesCheck {
  readonly #report: Report;
  readonly #dimensions: Pick<Dimensions, 'count'>;
  readonly #rows = new Map<string, Row>();
  /** By batch, names of rows. */
  readonly #batches = new Map<string, Set<string>>();
  /** How many rows each file has. */
  readonly #files = new Map<string, number>();
  readonly #lists = new Map<string, Listed>();

  constructor(report: Report, dimensions: Pick<Dimensions, 'count'>) {
    this.#report = report;
    this.#dimensions = dimensions;
  }

  /** Of a file, its rows as a sink is given them, those that nobody had before. */
  put({ key, body }: StoredObject, before: Uint8Array | undefined): readonly SinkEntry[] {
    if (before !== undefined) this.#report('FILE-2', `${key} was there, and was written again`);
    const text = new TextDecoder().decode(body);
    if (isList(key)) {
      this.#putList(key, JSON.parse(text) as FileList);
      return [];
    }
    const lines = text.slice(0, -1).split('\n');
    this.#files.set(key, lines.length);
    const rows = lines.map(partsOf).filter((row) => this.#take(key, row.text));
    return rows.map((row) => ({ PartitionKey: row.key, Data: new TextEncoder().encode(row.text) }));
  }

  /** At another place there may be another list of the batch, which says the same. */
  #putList(key: string, { batch, ref, files }: FileList): void {
    const name = nameOf({ batchId: batch, ref });
    const listed = new Map(files.map((file) => [nameOfFile(key, file), file.rows]));
    if (listed.size < files.length) this.#report('LIST-1', `${key} names a file twice`);
    const known = this.#lists.get(name);
    this.#lists.set(name, listed);
    if (known === undefined) return;
    const isSame = known.size === listed.size && [...known].every(([file, rows]) => listed.get(file) === rows);
    if (!isSame) this.#report('LIST-2', `${key} is another list of ${name} than the one before`);
  }

  committed(batch: Batch): void {
    this.#check(nameOf(batch));
  }

  /** Everything is done: by lists there is what a listing has, each row once, and nothing else. */
  drained(): void {
    for (const name of new Set([...this.#batches.keys(), ...this.#lists.keys()])) this.#check(name);
    const listed = [...this.#lists.values()].flatMap((files) => [...files.keys()]);
    if (new Set(listed).size < listed.length) this.#report('LIST-1', 'a file is in two lists');
  }

  #check(name: string): void {
    const listed: Listed = this.#lists.get(name) ?? new Map();
    for (const [file, rows] of listed) {
      const there = this.#files.get(file);
      if (there !== rows)
        this.#report(
          'LIST-1',
          `the list of ${name} names ${file} with ${rows} rows, and there it has ${there ?? 'none'}`,
        );
    }
    for (const row of this.#batches.get(name) ?? []) {
      const files = [...this.#rows.get(row)!.files];
      const named = files.filter((file) => listed.has(file));
      if (named.length !== 1)
        this.#report(
          'LIST-1',
          `${row} is in ${files.join(' and ')}, of which the list of ${name} names ${named.length}`,
        );
    }
  }

  /** Whether it is the first of its name. */
  #take(key: string, line: string): boolean {
    const identity = (JSON.parse(line) as { readonly _sluice: Readonly<Record<string, unknown>> })._sluice;
    const name = recordName(identity as never);
    const known = this.#rows.get(name);
    if (known !== undefined) {
      const place = placeOfFile(key);
      const first = [...known.files].find((file) => placeOfFile(file) === place);
      if (first !== undefined) this.#report('FILE-1', `${name} is in ${first} and in ${key}`);
      else this.#dimensions.count('files that go to another place');
      if (known.text !== line) this.#report('FILE-1', `${name} is another row in ${key} than where it was before`);
      known.files.add(key);
      return false;
    }
    this.#rows.set(name, { text: line, files: new Set([key]) });
    const batch = nameOf({ batchId: Number(identity.batch), ref: Number(identity.ref) });
    const ofBatch = this.#batches.get(batch) ?? new Set<string>();
    this.#batches.set(batch, ofBatch.add(name));
    return true;
  }
}

const nameOf = ({ batchId, ref }: Batch): string => `${batchId}#${ref}`;
