/** Where a stream is: its name or ARN, region, endpoint and role, from options and from what a deployment puts in their place. */
import { checkRole } from './check-role.ts';
import { endpointRule, regionOfEndpoint, regionRule } from './endpoint.ts';
import { nested, readOptions, text } from './option-rules.ts';
import { isPlainObject, type RawOptions } from './options.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import type { StreamOverride, StreamPlace, StreamReference } from './stream.ts';

const arnPattern = /^arn:aws[a-z-]*:kinesis:([a-z0-9-]+):\d{12}:stream\/[A-Za-z0-9_.-]{1,128}$/;
const nameAllowed = 'a stream name of 1 to 128 letters, digits, _ . or -';
const arnAllowed = 'a stream ARN such as arn:aws:kinesis:eu-west-1:123456789012:stream/flights';

export const locationRules = {
  streamName: text(nameAllowed, isStreamName, undefined),
  streamArn: text(arnAllowed, (value) => arnPattern.test(value), undefined),
  region: regionRule,
  endpointUrl: endpointRule,
  role: nested(),
};

/** Where another stream takes its place, the stream in the file need not even be a valid one. */
export function streamOptions(path: string, given: unknown, override: StreamOverride, problems: Problem[]): RawOptions {
  if (isPlainObject(given) && given.kind === 'kinesis' && isPlainObject(given.options)) {
    return override.stream === undefined
      ? given.options
      : { ...given.options, streamName: undefined, streamArn: undefined };
  }
  problems.push(notAllowed(path, given, 'kinesis({ streamName: … })'));
  return { streamName: `any-${path}` }; // there is nothing more to say about it
}

export type StreamLocation = StreamPlace & { readonly endpointUrl: string | undefined };

/** A region that stands in an ARN is part of the stream's identity, so it counts more than any other. An endpoint's counts least. */
export function resolveLocation(
  path: string,
  options: RawOptions,
  override: StreamOverride,
  problems: Problem[],
): StreamLocation {
  const stream =
    override.stream === undefined
      ? ownStream(path, options, problems)
      : overridingStream(path, override.stream, problems);
  const arnRegion = stream.kind === 'arn' ? arnPattern.exec(stream.streamArn)?.[1] : undefined;
  const ownRegion = typeof options.region === 'string' ? options.region : undefined;
  if (override.stream === undefined && arnRegion !== undefined && ownRegion !== undefined && ownRegion !== arnRegion) {
    problems.push(notAllowed(`${path}.region`, ownRegion, `'${arnRegion}', the region of streamArn, or leave it out`));
  }
  const endpointUrl =
    override.endpointUrl ?? (typeof options.endpointUrl === 'string' ? options.endpointUrl : undefined);
  const region = arnRegion ?? override.region ?? ownRegion;
  const endpointRegion = endpointUrl === undefined ? undefined : regionOfEndpoint(endpointUrl, 'kinesis');
  // Requests are signed for a region, and an endpoint of another one refuses them.
  if (endpointRegion !== undefined && region !== undefined && endpointRegion !== region) {
    problems.push(notAllowed(`${path}.endpointUrl`, endpointUrl, `an endpoint of ${region}, the stream's region`));
  }
  return {
    stream,
    region: region ?? endpointRegion,
    endpointUrl,
    role: checkRole(`${path}.role`, options.role, override.role, problems),
  };
}

function ownStream(path: string, options: RawOptions, problems: Problem[]): StreamReference {
  const { streamName, streamArn } = options;
  if (streamName !== undefined && streamArn !== undefined) {
    problems.push(notAllowed(`${path}.streamArn`, streamArn, 'either streamName or streamArn'));
  }
  if (streamName === undefined && streamArn === undefined) {
    problems.push(missing(`${path}.streamName`, `${nameAllowed} (or streamArn)`));
  }
  return typeof streamArn === 'string'
    ? { kind: 'arn', streamArn }
    : { kind: 'name', streamName: typeof streamName === 'string' ? streamName : '' };
}

function overridingStream(path: string, stream: string, problems: Problem[]): StreamReference {
  if (arnPattern.test(stream)) return { kind: 'arn', streamArn: stream };
  if (!isStreamName(stream))
    problems.push(notAllowed(`override of ${path}`, stream, `${nameAllowed}, or ${arnAllowed}`));
  return { kind: 'name', streamName: stream };
}

/** Region and endpoint that were given from outside, once for source and sink. */
export function checkStreamSettings(
  given: { readonly region?: unknown; readonly endpointUrl?: unknown },
  problems: Problem[],
) {
  return readOptions('override', given, { region: regionRule, endpointUrl: endpointRule }, problems);
}

export function isStreamName(value: string): boolean {
  return /^[A-Za-z0-9_.-]{1,128}$/.test(value);
}
