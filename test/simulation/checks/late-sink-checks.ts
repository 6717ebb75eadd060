/** The output of late events: each late event of a committed batch is in it, with its bytes and its place, and nothing else is. */
import type { LateEvent } from '../../../functions/pipeline/side-outputs.ts';
import type { Contained } from './more-results.ts';
import type { SinkEntry } from './sink-checks.ts';
import type { Report } from './violation.ts';

type Parts = { readonly report: Report; readonly mayRepeat: () => boolean };

type Place = Pick<Contained, 'shardId' | 'sequenceNumber' | 'sub' | 'element'>;

export class LateSinkChecks {
  readonly #parts: Parts;
  readonly #byPlace = new Map<string, LateEvent>();
  readonly #expected = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  arrived({ Data }: SinkEntry): void {
    const { report, mayRepeat } = this.#parts;
    const late = JSON.parse(new TextDecoder().decode(Data)) as LateEvent;
    const name = placeOf({ ...late, sub: late.subSequenceNumber });
    if (this.#byPlace.has(name) && !mayRepeat()) report('repeats', `late event ${name} came twice`);
    this.#byPlace.set(name, late);
  }

  /** As their places name them. */
  expect(late: readonly Contained[]): readonly string[] {
    const names = late.map(placeOf);
    for (const name of names) this.#expected.add(name);
    return names;
  }

  /** By names of their places. */
  get found(): ReadonlySet<string> {
    return new Set(this.#byPlace.keys());
  }

  committed(batchId: number, late: readonly Contained[], watermarkIn: number): void {
    const { report } = this.#parts;
    for (const contained of late) {
      const name = placeOf(contained);
      const { event } = contained;
      const found = this.#byPlace.get(name);
      if (found === undefined) {
        report('late events', `batch ${batchId} is committed; late event ${name} is not in their output`);
        continue;
      }
      const [at, start, end, watermark] = [found.eventTime, found.windowStart, found.windowEnd, found.watermark].map(
        (time) => Date.parse(time),
      );
      const isOwn = at === Math.floor(event.at) && textIn(found) === new TextDecoder().decode(event.payload);
      if (!isOwn) report('late events', `${JSON.stringify(found)} is not event ${event.id}`);
      const isWithin = start! <= at! && at! < end! && watermark === watermarkIn && found.lateByMs >= 0;
      if (!isWithin) report('late events', `${JSON.stringify(found)} is late at ${watermarkIn}`);
    }
  }

  drained(): void {
    for (const name of this.#byPlace.keys())
      if (!this.#expected.has(name)) this.#parts.report('late events', `${name} is in their output, and was not late`);
  }
}

const placeOf = ({ shardId, sequenceNumber, sub, element = 0 }: Place): string =>
  `${shardId} ${sequenceNumber} ${sub} ${element}`;

const textIn = ({ payload }: LateEvent): string | undefined =>
  payload !== null && 'text' in payload ? payload.text : undefined;
