/** The metrics of a pipeline, as metrics of the CDK. */
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import {
  isGivenOut,
  type MetricName,
  type MetricSet,
  metricKinds,
  metricNames,
  metricNamespace,
  pipelineDimension,
} from '../../functions/pipeline/metrics.ts';

/** What becomes of an event: each has a metric. */
export type EventOutcome = 'read' | 'counted' | 'filtered' | 'late' | 'deadLettered' | 'emitted';
export type StepOfBatch = 'plan' | 'process' | 'seal' | 'reduce' | 'commit';

const metricOf = {
  read: 'EventsRead',
  counted: 'EventsCounted',
  filtered: 'EventsFiltered',
  late: 'EventsLate',
  deadLettered: 'DeadLetters',
  emitted: 'EventsEmitted',
} as const satisfies Readonly<Record<EventOutcome, MetricName>>;

/** A construct that has the metrics of one pipeline. Each method takes what all metrics of the CDK take: `period`, `statistic`, `label`… */
export abstract class MeasuredPipeline extends Construct {
  /** The name that `pipeline(…)` was given in the file. */
  abstract readonly pipelineName: string;
  /** What the app has said; undefined: what is asked for. */
  protected abstract readonly fixedMetrics: MetricSet | undefined;
  private askedMetrics: MetricSet = 'none';

  /** Which metrics it gives out: those that the app has said, or the least that has all that were asked for so far. */
  get metricSet(): MetricSet {
    return this.fixedMetrics ?? this.askedMetrics;
  }

  /**
   * A metric by its name, with the unit and the statistic of the list of metrics. Unless the app has said which metrics the pipeline gives out, it
   * gives out what is asked for.
   *
   * @param by the step or the reason, of those that are given out by these
   * @throws `Error` if there is no such metric, or the pipeline does not give it out
   * @example
   * ```ts
   * import { App, Duration, Stack } from 'aws-cdk-lib';
   * import { SluicePipeline } from 'kinesis-sluice/cdk';
   *
   * const stack = new Stack(new App(), 'Flights');
   * const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts', metrics: 'all' });
   *
   * departures.metric('Records', { period: Duration.minutes(1) });
   * departures.metric('DeadLetters', {}, 'invalid-json');
   * ```
   */
  metric(name: MetricName, props: MetricOptions = {}, by?: string): Metric {
    const kind = metricKinds[name];
    if (kind === undefined) throw new Error(`there is no metric ${name}; there are ${metricNames.join(', ')}`);
    const dimension = 'by' in kind ? kind.by : undefined;
    if (by !== undefined && dimension === undefined) throw new Error(`${name} is given out for the pipeline alone`);
    this.ask(name, by === undefined ? undefined : dimension);
    return new Metric({
      namespace: metricNamespace,
      metricName: name,
      statistic: kind.statistic,
      ...props,
      dimensionsMap: {
        [pipelineDimension]: this.pipelineName,
        ...(by === undefined ? {} : { [dimension!]: by }),
        ...props.dimensionsMap,
      },
    }).attachTo(this);
  }

  private ask(name: MetricName, by: 'step' | 'reason' | undefined): void {
    if (isGivenOut(name, this.metricSet, by)) return;
    const least = (['essential', 'all'] as const).find((set) => isGivenOut(name, set, by));
    if (least === undefined)
      throw new Error(
        `${name} is given out by ${by === undefined ? 'its dimension alone: name one' : 'no such dimension'}`,
      );
    if (this.fixedMetrics === undefined) {
      this.askedMetrics = least;
      return;
    }
    const what = by === undefined ? name : `${name} by ${by}`;
    throw new Error(
      `the pipeline ${this.pipelineName} has \`metrics: '${this.fixedMetrics}'\`, without ${what}: \`metrics: '${least}'\` has it`,
    );
  }

  /** How far the slowest shard is behind its tip, in milliseconds. */
  metricMillisBehindLatest(props?: MetricOptions): Metric {
    return this.metric('MillisBehindLatest', props);
  }

  /** The same as a share of the retention of the stream, in percent. */
  metricRetentionUsed(props?: MetricOptions): Metric {
    return this.metric('RetentionUsed', props);
  }

  /** One with each commit, and with each plan that finds nothing left to do. */
  metricHeartbeats(props?: MetricOptions): Metric {
    return this.metric('Heartbeats', props);
  }

  /** Kinesis records that were read. */
  metricRecords(props?: MetricOptions): Metric {
    return this.metric('Records', props);
  }

  /** Their bytes. Of `metrics: 'all'`. */
  metricBytes(props?: MetricOptions): Metric {
    return this.metric('Bytes', props);
  }

  /** Batches that were committed. Of `metrics: 'all'`. */
  metricBatches(props?: MetricOptions): Metric {
    return this.metric('Batches', props);
  }

  /** Events, by what became of them. All but 'deadLettered' are of `metrics: 'all'`. */
  metricEvents(outcome: EventOutcome, props?: MetricOptions): Metric {
    return this.metric(metricOf[outcome], props);
  }

  /** Events that could not be processed; by `reason` of `metrics: 'all'`. */
  metricDeadLetters(props?: MetricOptions, reason?: string): Metric {
    return this.metric('DeadLetters', props, reason);
  }

  /** Rows that a callback or the limits of a sink have refused; by `reason` of `metrics: 'all'`. */
  metricRefusedRows(props?: MetricOptions, reason?: string): Metric {
    return this.metric('RefusedRows', props, reason);
  }

  /** Results of windows. Of `metrics: 'all'`. */
  metricRows(props?: MetricOptions): Metric {
    return this.metric('Rows', props);
  }

  /** From the watermark to the commit, in milliseconds. Of `metrics: 'all'`. */
  metricWatermarkLag(props?: MetricOptions): Metric {
    return this.metric('WatermarkLag', props);
  }

  /** Windows of keys in the states that a batch has changed. Of `metrics: 'all'`. */
  metricOpenEntries(props?: MetricOptions): Metric {
    return this.metric('OpenEntries', props);
  }

  /** Bytes of these states. Of `metrics: 'all'`. */
  metricStateBytes(props?: MetricOptions): Metric {
    return this.metric('StateBytes', props);
  }

  /** Of the limit that a batch came nearest to, how much it has used, in percent. */
  metricLimitUsed(props?: MetricOptions): Metric {
    return this.metric('LimitUsed', props);
  }

  /** From the plan of a batch to its report, in milliseconds. Of `metrics: 'all'`. */
  metricBatchDuration(props?: MetricOptions): Metric {
    return this.metric('BatchDuration', props);
  }

  /** The same of one step. Of `metrics: 'all'`. */
  metricStepDuration(step: StepOfBatch, props?: MetricOptions): Metric {
    return this.metric('StepDuration', props, step);
  }

  /** Calls that Kinesis refused because of its limits. */
  metricThrottles(props?: MetricOptions): Metric {
    return this.metric('Throttles', props);
  }

  /** Executors that stored something. Of `metrics: 'all'`. */
  metricExecutors(props?: MetricOptions): Metric {
    return this.metric('Executors', props);
  }

  /** Their work as a share of what they could have done, in percent. Of `metrics: 'all'`. */
  metricExecutorUse(props?: MetricOptions): Metric {
    return this.metric('ExecutorUse', props);
  }
}
