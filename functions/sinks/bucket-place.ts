/** Which bucket files go to, and with which role: as the file says, or what a deployment puts in its place. A bucket has no region in its ARN. */
import { checkRole } from '../pipeline/check-role.ts';
import { type Rule, text } from '../pipeline/option-rules.ts';
import type { RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import type { StreamOverride } from '../pipeline/stream.ts';
import type { FilePlace } from './output-file.ts';

const namePattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const arnPattern = /^arn:aws[a-z-]*:s3:::(.*)$/;
const nameAllowed = 'a bucket name of 3 to 63 lower-case letters, digits, . or -';

export const bucketRule: Rule<string | undefined> = text(nameAllowed, (value) => namePattern.test(value), undefined);

/** What is said from outside counts more, and then the file need not even name a bucket that there is. */
export const bucketOptionsIn = (options: RawOptions, { stream }: Pick<StreamOverride, 'stream'>): RawOptions =>
  stream === undefined ? options : { ...options, bucket: undefined };

/** `options`: `bucket` and `role` as they were written. A bucket that is none was told of where the options were read. */
export function resolveBucket(
  path: string,
  { bucket, role }: RawOptions,
  override: Pick<StreamOverride, 'stream' | 'role'>,
  problems: Problem[],
): Pick<FilePlace, 'bucket' | 'role'> {
  return {
    bucket: override.stream === undefined ? textOf(bucket) : nameIn(path, override.stream, problems),
    role: checkRole(`${path}.role`, role, override.role, problems),
  };
}

function nameIn(path: string, place: string, problems: Problem[]): string {
  const name = arnPattern.exec(place)?.[1] ?? place;
  if (!namePattern.test(name))
    problems.push(
      notAllowed(`override of ${path}`, place, `${nameAllowed}, or a bucket ARN such as arn:aws:s3:::flights`),
    );
  return name;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
