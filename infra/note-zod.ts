/** What a synthesis says of a pipeline file that brings all of zod. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Metafile } from 'esbuild';

/**
 * `z` as a name that zod exports is an object with all that zod has, of which nothing falls away, the messages in fifty languages least of all;
 * `import * as z` is a list of names. With the former a start of an executor takes 14 % more of a processor
 * (`npm run bench:cold-start -- --step process-shards --pipeline <file>`).
 */
export const bringsAllOfZod = ({ outputs }: Metafile): boolean =>
  Object.values(outputs).some(({ inputs }) =>
    Object.entries(inputs).some(
      ([path, { bytesInOutput }]) => bytesInOutput > 0 && /\/zod\/v4\/locales\/(?!en\.)/.test(path),
    ),
  );

export function noteZod(scope: Construct): void {
  Annotations.of(scope).addInfo(
    "The functions that run the pipeline's code have all of zod, its messages in every language included: with import * as z from 'zod' in place of import { z } from 'zod' some 360 KB fall away, and an executor starts the sooner.",
  );
}
