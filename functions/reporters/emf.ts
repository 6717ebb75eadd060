/**
 * Metrics as documents of the embedded metric format: lines of a log that CloudWatch makes metrics of.
 *
 * EMF-1 A document has one set of dimensions, and so one value of each: metrics by reason or step have a document for each of these.
 * EMF-2 A document has 100 metrics at most, each once.
 */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { metricKinds, metricNamespace, pipelineDimension } from '../pipeline/metrics.ts';
import type { Datum } from './measured.ts';

export type EmfDocument = object;

/** What all documents of a batch have in common. `place` is for who reads the log. */
export type EmfFrame = {
  readonly pipeline: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly place: Readonly<Record<string, number>>;
};

const mostMetrics = 100;

export function emfDocuments(data: readonly Datum[], frame: EmfFrame): readonly EmfDocument[] {
  const byDimension = new Map<string, Datum[]>();
  for (const datum of data) {
    const key = datum.by === undefined ? '' : `${datum.by.dimension} ${datum.by.value}`;
    const same = byDimension.get(key);
    if (same === undefined) byDimension.set(key, [datum]);
    else same.push(datum);
  }
  return [...byDimension.values()].flatMap((same) => inPortions(same).map((some) => documentOf(some, frame)));
}

function inPortions(data: readonly Datum[]): readonly (readonly Datum[])[] {
  const count = Math.ceil(data.length / mostMetrics);
  return Array.from({ length: count }, (_, at) => data.slice(at * mostMetrics, (at + 1) * mostMetrics));
}

function documentOf(data: readonly Datum[], { pipeline, at, place }: EmfFrame): EmfDocument {
  const { by } = data[0]!;
  const metrics = new Metrics({ namespace: metricNamespace, logger: silent });
  // A pipeline is no service of its own: one dimension says whose metrics they are.
  metrics.clearDefaultDimensions();
  metrics.addDimensions({ [pipelineDimension]: pipeline, ...(by === undefined ? {} : { [by.dimension]: by.value }) });
  metrics.setTimestamp(at);
  for (const { name, value } of data) metrics.addMetric(name, metricKinds[name].unit, value);
  return { ...metrics.serializeMetrics(), ...place };
}

/** Its warnings are of what the tests hold. */
const silent = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  critical: () => {},
};
