/** The role that a stream is read with, or a sink written with. */
import type { Duration } from './duration.ts';

/**
 * An IAM role, usually of the account that the stream, or what else a sink writes to, belongs to. Its credentials serve that alone:
 * checkpoints are always reached with the program's own. They are kept, and renewed before they expire.
 */
export type RoleOptions = {
  /**
   * The role, usually of the stream's account. A stream given by name is one of the role's account, and so is what else a sink writes
   * to. The table of checkpoints is always reached with the program's own credentials.
   */
  readonly arn: string;
  /**
   * The session's name, as CloudTrail shows it.
   * @default `sluice-` and the pipeline's name, cut to 64 characters
   */
  readonly sessionName?: string | undefined;
  /**
   * What the role's trust policy asks for as `sts:ExternalId`, if it does.
   * @default none
   */
  readonly externalId?: string | undefined;
  /**
   * How long credentials hold: '15 minutes' to '1 hour', which is what STS grants a role that assumes another. They are asked
   * for once per start of a function, and renewed five minutes before they expire.
   * @default '1 hour'
   */
  readonly duration?: Duration | undefined;
  /**
   * Region of the STS that is asked.
   * @default the one in the host name of `stsEndpointUrl`, else the stream's
   */
  readonly stsRegion?: string | undefined;
  /**
   * An STS endpoint other than the region's own, such as a VPC endpoint.
   * @default the region's own
   */
  readonly stsEndpointUrl?: string | undefined;
};
