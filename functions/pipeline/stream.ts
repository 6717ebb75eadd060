/** Where a stream is, as a pipeline names it. */

/** A stream by name or by ARN; exactly one is set. */
export type StreamReference =
  | { readonly kind: 'name'; readonly streamName: string }
  | { readonly kind: 'arn'; readonly streamArn: string };

/** A role whose credentials a stream is read with, or a sink written with. */
export type AssumedRole = {
  readonly arn: string;
  /** Undefined: made from the pipeline's name. */
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly durationMs: number;
  /** Undefined: the stream's. */
  readonly stsRegion: string | undefined;
  /** Undefined: the region's own. */
  readonly stsEndpointUrl: string | undefined;
};

export type StreamPlace = {
  readonly stream: StreamReference;
  readonly region: string | undefined;
  /** Undefined: the program's own credentials. */
  readonly role: AssumedRole | undefined;
};

/** Settings from outside that count more than those in the file. */
export type StreamOverride = {
  /** The name or ARN of what is to be used instead: of a stream, or of what else a sink writes to. */
  readonly stream: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  /** The ARN of the role to assume instead, or 'none'. */
  readonly role: string | undefined;
};
