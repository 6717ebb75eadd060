/** What this machine does for each kind of sinks; of a kind that it does not know, nothing. */
import type { SinkOpeners } from '../../../functions/adapters/open-sinks.ts';
import { consoleKind } from '../../../functions/sinks/console.ts';
import { fileKind } from '../../../functions/sinks/file.ts';
import { kinesisKind } from '../../../functions/sinks/kinesis.ts';
import type { SinkSpec } from '../../../functions/sinks/sink-kind.ts';
import { localConsole } from './console.ts';
import { localDynamodb } from './dynamodb.ts';
import { localFile } from './file.ts';
import { localKinesis } from './kinesis.ts';
import type { LocalSink } from './local-sink.ts';
import { localS3 } from './s3.ts';
import { localShown } from './shown.ts';

const localSinks: Readonly<Record<string, LocalSink>> = {
  [kinesisKind.kind]: localKinesis,
  [consoleKind.kind]: localConsole,
  [fileKind.kind]: localFile,
  dynamodb: localDynamodb,
  firehose: localShown,
  lambda: localShown,
  s3: localS3,
};

/** For a sink whose options are the kind's own. */
export const localSinkOf = ({ kind }: SinkSpec): LocalSink => localSinks[kind.kind] ?? {};

/** `show`: rows for people, with the batch. `resultsFiles`: by outputs. */
export function sinkOpeners(
  show: (output: string, rows: readonly Uint8Array[]) => void,
  resultsFiles: ReadonlyMap<string, string> = new Map(),
): SinkOpeners {
  const openers: Record<string, SinkOpeners[string]> = {};
  for (const [kind, local] of Object.entries(localSinks)) {
    if (local.open === undefined) continue;
    openers[kind] = (options, _, output) => {
      const sink = local.open!(options, (rows) => show(output, rows), resultsFiles.get(output));
      return (_, life) => life?.sinkOf(sink) ?? sink;
    };
  }
  return openers;
}
