/** The suites of other engines that are carried over here. */
import { arroyoSql } from './arroyo-sql.ts';
import { beamTriggerTranscripts } from './beam-trigger-transcripts.ts';
import { flinkSessionWindows } from './flink-session-windows.ts';
import { flinkWindowOperator } from './flink-window-operator.ts';
import { sparkDeduplication, sparkDeduplicationWithinWatermark } from './spark-deduplication.ts';
import { sparkEventTimeWatermark } from './spark-event-time-watermark.ts';
import { sparkSessionWindow } from './spark-session-window.ts';
import { sparkStreamingAggregation } from './spark-streaming-aggregation.ts';
import type { Suite } from './suite.ts';

export const suites: readonly Suite[] = [
  beamTriggerTranscripts,
  flinkWindowOperator,
  flinkSessionWindows,
  arroyoSql,
  sparkEventTimeWatermark,
  sparkStreamingAggregation,
  sparkSessionWindow,
  sparkDeduplication,
  sparkDeduplicationWithinWatermark,
];
