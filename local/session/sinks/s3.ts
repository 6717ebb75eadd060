/** Files of a bucket: on this machine, in a folder of the bucket's name, and their rows are shown with the batch. */
import { createFilesSink } from '../../../functions/adapters/files-sink.ts';
import type { CheckedS3Sink } from '../../../functions/sinks/s3.ts';
import { objectsInFolder } from '../objects-in-folder.ts';
import { bytesOf } from './bytes-of.ts';
import type { LocalSink } from './local-sink.ts';

export const localS3: LocalSink<CheckedS3Sink> = {
  rolesOf: ({ role }) => (role === undefined ? [] : [role.arn]),
  identityField: ({ identity, identityField }) => (identity === 'field' ? identityField : undefined),
  open(sink, show) {
    const written = createFilesSink(sink, objectsInFolder(sink));
    const files = written.files!;
    return {
      ...written,
      files: {
        ...files,
        async put(all, deadline) {
          await files.put(all, deadline);
          show(all.flatMap(({ rows }) => rows.map(bytesOf)));
        },
      },
    };
  },
};
