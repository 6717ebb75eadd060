/** What a batch gives out as metrics, against the report that is stored of it. */
import { type EmfMetric, readEmf } from '../../support/emf.ts';
import { pipelineName, type Stored } from './stored.ts';
import type { Report } from './violation.ts';

/** METRIC-2, EMF-1, EMF-2, line by line as they come. */
export class MetricsCheck {
  readonly #report: Report;
  readonly #stored: Stored;
  /** Of batches by reason or step, until the next batch is told of: its first line is of the pipeline. */
  #whole: { readonly place: string; readonly values: ReadonlyMap<string, number> } | undefined;
  readonly #parts = new Map<string, number>();

  constructor(report: Report, stored: Stored) {
    this.#report = report;
    this.#stored = stored;
  }

  told(line: string): void {
    const { problems, metrics, members } = readEmf(line);
    const { batchId, ref } = members as { readonly batchId: number; readonly ref: number };
    const place = `${batchId}#${ref}`;
    for (const problem of problems) this.#wrong(place, problem);
    if (metrics.some(({ dimensions }) => dimensions.pipeline !== pipelineName)) this.#wrong(place, 'another pipeline');
    const isWhole = metrics.every(({ dimensions }) => Object.keys(dimensions).length === 1);
    if (!isWhole) {
      if (this.#whole?.place !== place) this.#wrong(place, 'parts without a whole');
      for (const { name, value } of metrics) this.#parts.set(name, (this.#parts.get(name) ?? 0) + value);
      return;
    }
    this.#checkParts();
    const values = new Map(metrics.map(({ name, value }: EmfMetric) => [name, value]));
    this.#whole = { place, values };
    this.#checkWhole(place, values, batchId, ref);
  }

  #checkWhole(place: string, values: ReadonlyMap<string, number>, batchId: number, ref: number): void {
    const progress = this.#stored.progress(batchId, ref);
    if (progress === undefined) {
      this.#wrong(place, 'there is no report of it');
      return;
    }
    const { counters, records, bytes, rows, perShard = [], refusedRows = [] } = progress;
    const right = {
      ...{ Heartbeats: 1, Batches: 1, Records: records, Bytes: bytes, Rows: rows?.results },
      ...{ EventsRead: counters.read, EventsCounted: counters.counted, EventsFiltered: counters.filtered },
      ...{ EventsLate: counters.late, DeadLetters: counters.deadLettered, EventsEmitted: counters.emitted },
      Throttles: perShard.reduce((sum, { throttles }) => sum + throttles, 0),
      RefusedRows: refusedRows.reduce((sum, { count }) => sum + count, 0),
    };
    for (const [name, value] of Object.entries(right))
      if (values.get(name) !== value) this.#wrong(place, `${name} is ${values.get(name)}; the report has ${value}`);
    const through = counters.passed ?? Number(values.get('EventsCounted')) + Number(values.get('EventsLate'));
    const sum = through + Number(values.get('EventsFiltered')) + Number(values.get('DeadLetters'));
    if (sum !== values.get('EventsRead')) this.#wrong(place, `${values.get('EventsRead')} events read, ${sum} told of`);
  }

  /** Of the batch before. */
  #checkParts(): void {
    const { place, values } = this.#whole ?? {};
    const of = (name: string) => this.#parts.get(name) ?? 0;
    const pairs = [
      ['DeadLetters', 'DeadLetters'],
      ['RefusedRows', 'RefusedRows'],
      ['StepDuration', 'BatchDuration'],
    ] as const;
    for (const [part, whole] of place === undefined ? [] : pairs) {
      const all = values?.get(whole) ?? 0;
      if (of(part) !== all) this.#wrong(place!, `${whole} is ${all}, and its parts come to ${of(part)}`);
    }
    this.#parts.clear();
  }

  #wrong(place: string, detail: string): void {
    this.#report('metrics', `batch ${place}: ${detail}`);
  }
}
