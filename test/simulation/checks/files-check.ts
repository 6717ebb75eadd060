/**
 * FILE-1, FILE-2, LIST-1: each row is in one file and there once; no name is written twice; and when a batch is committed its list names its
 * files, with their rows, and no others.
 */
import type { FileList } from '../../../functions/sinks/output-file.ts';
import type { StoredObject } from '../services/s3/simulated-s3.ts';
import { isList, partsOf } from '../world/files.ts';
import { recordName } from './fold.ts';
import type { SinkEntry } from './sink-checks.ts';
import type { Report } from './violation.ts';

type Batch = { readonly batchId: number; readonly ref: number };

export class FilesCheck {
  readonly #report: Report;
  readonly #rows = new Map<string, string>();
  /** Rows of each file, by batch. */
  readonly #files = new Map<string, Map<string, number>>();
  readonly #lists = new Map<string, FileList>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** Of a file, its rows as a sink is given them. */
  put({ key, body }: StoredObject, before: Uint8Array | undefined): readonly SinkEntry[] {
    if (before !== undefined) this.#report('FILE-2', `${key} was there, and was written again`);
    const text = new TextDecoder().decode(body);
    if (isList(key)) {
      const list = JSON.parse(text) as FileList;
      this.#lists.set(nameOf({ batchId: list.batch, ref: list.ref }), list);
      return [];
    }
    const rows = text.slice(0, -1).split('\n').map(partsOf);
    for (const row of rows) this.#take(key, row.text);
    return rows.map((row) => ({ PartitionKey: row.key, Data: new TextEncoder().encode(row.text) }));
  }

  committed(batch: Batch): void {
    const files = this.#files.get(nameOf(batch)) ?? new Map<string, number>();
    const listed = this.#lists.get(nameOf(batch))?.files ?? [];
    for (const [key, rows] of files) {
      const found = listed.filter((file) => file.key === key);
      if (found.length !== 1 || found[0]!.rows !== rows)
        this.#report('LIST-1', `${key} has ${rows} rows, and the list of its batch has ${JSON.stringify(found)} of it`);
    }
    for (const { key } of listed)
      if (!files.has(key)) this.#report('LIST-1', `the list of ${nameOf(batch)} names ${key}, which is not there`);
  }

  /** Everything is done: by lists there is what a listing has, and nothing else. */
  drained(objects: readonly StoredObject[]): void {
    const listed = [...this.#lists.values()].flatMap(({ files }) => files.map(({ key }) => key));
    const there = objects.map(({ key }) => key).filter((key) => !isList(key));
    if (new Set(listed).size < listed.length) this.#report('LIST-1', 'a file is in two lists');
    for (const key of there)
      if (!listed.includes(key)) this.#report('LIST-1', `${key} is in no list, and no batch is unfinished`);
  }

  #take(key: string, line: string): void {
    const identity = (JSON.parse(line) as { readonly _sluice: Readonly<Record<string, unknown>> })._sluice;
    const name = recordName(identity as never);
    const first = this.#rows.get(name);
    if (first !== undefined) this.#report('FILE-1', `${name} is in ${first} and in ${key}`);
    this.#rows.set(name, key);
    const batch = nameOf({ batchId: Number(identity.batch), ref: Number(identity.ref) });
    const files = this.#files.get(batch) ?? new Map<string, number>();
    this.#files.set(batch, files.set(key, (files.get(key) ?? 0) + 1));
  }
}

const nameOf = ({ batchId, ref }: Batch): string => `${batchId}#${ref}`;
