/** A Kinesis stream that a run on this machine writes. */
import { mayBeSameStream } from '../../../functions/pipeline/same-stream.ts';
import type { CheckedKinesisSink } from '../../../functions/sinks/kinesis.ts';
import { recordsWithin } from '../../services/records-within.ts';
import { followStream } from '../../services/stream-reader.ts';
import { nameOf, targetOf } from '../../services/streams.ts';
import { placeAt } from '../place-at.ts';
import { writeResults } from '../results-file.ts';
import type { LocalSink } from './local-sink.ts';

export const localKinesis: LocalSink<CheckedKinesisSink> = {
  optionsAt: (sink, servers) => ({ ...sink, ...placeAt(sink, servers) }),
  rolesOf: ({ role }) => (role === undefined ? [] : [role.arn]),
  nameOfLoop: (sink, source) => (sink.allowLoop || !mayBeSameStream(source, sink) ? undefined : nameOf(sink.stream)),
  identityField: ({ identity, identityField }) => (identity === 'field' ? identityField : undefined),
  async prepare(sink, around) {
    await around.prepareStream(sink.stream, around.servicesFor(sink));
  },
  followRows(sink, around) {
    const { kinesis } = around.servicesFor(sink);
    const follower = followStream(kinesis, targetOf(sink.stream), { kind: 'at-timestamp', timestamp: Date.now() });
    return async () => (await follower.next()).flatMap(({ data }) => recordsWithin(data));
  },
  writeResults: (sink, around, file) => writeResults(around.servicesFor(sink).kinesis, targetOf(sink.stream), file),
};
