/** The options of a role to assume for a stream. */
import { endpointRule, regionOfEndpoint, regionRule } from './endpoint.ts';
import { duration, readOptions, text } from './option-rules.ts';
import { isPlainObject } from './options.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import type { AssumedRole } from './stream.ts';

const arnPattern = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;
const arnAllowed = 'the ARN of a role such as arn:aws:iam::123456789012:role/flights-reader';

const minuteMs = 60_000;
/** STS gives nothing shorter. */
const shortestMs = 15 * minuteMs;
/** A function's own credentials are a role's, and STS limits a role assumed by a role ("role chaining") to an hour. */
const longestMs = 60 * minuteMs;

const roleRules = {
  arn: text(arnAllowed, (value) => arnPattern.test(value), undefined),
  sessionName: text('2 to 64 letters, digits or _ + = , . @ -', (value) => /^[\w+=,.@-]{2,64}$/.test(value), undefined),
  externalId: text(
    '2 to 1224 letters, digits or _ + = , . @ : / -',
    (value) => /^[\w+=,.@:/-]{2,1224}$/.test(value),
    undefined,
  ),
  duration: duration({ atLeastMs: shortestMs }, longestMs),
  stsRegion: regionRule,
  stsEndpointUrl: endpointRule,
};

/** Undefined: no role, or none that can be used. `override` is an ARN that takes the place of the one in the file, or 'none'. */
export function checkRole(
  path: string,
  options: unknown,
  override: string | undefined,
  problems: Problem[],
): AssumedRole | undefined {
  if (override === 'none') return undefined;
  const given = override === undefined ? options : { ...(isPlainObject(options) ? options : {}), arn: override };
  // What is no object was refused together with the options that it stands among.
  if (!isPlainObject(given)) return undefined;
  const { arn, duration: durationMs, ...read } = readOptions(path, given, roleRules, problems);
  if (given.arn === undefined) problems.push(missing(`${path}.arn`, arnAllowed));
  if (durationMs > longestMs) {
    problems.push(
      notAllowed(`${path}.duration`, given.duration, 'at most 1 hour: STS gives a role of a role no longer'),
    );
  }
  const { stsRegion, stsEndpointUrl } = read;
  const endpointRegion = stsEndpointUrl === undefined ? undefined : regionOfEndpoint(stsEndpointUrl, 'sts');
  if (stsRegion !== undefined && endpointRegion !== undefined && stsRegion !== endpointRegion) {
    problems.push(notAllowed(`${path}.stsEndpointUrl`, stsEndpointUrl, `an endpoint of ${stsRegion}, the stsRegion`));
  }
  return arn === undefined ? undefined : { ...read, arn, durationMs, stsRegion: stsRegion ?? endpointRegion };
}
