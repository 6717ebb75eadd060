/** An operation of the Step Functions API: what it is asked with, and what it answers. */
import type { LocalMachine } from '../local-machine.ts';
import type { Member, Members, Request } from '../members.ts';

export type Operation = {
  readonly members: Members;
  /** Throws a `Refusal`. */
  answer(request: Request, machine: LocalMachine): object | Promise<object>;
};

export const arnMember = { type: 'string', min: 1, max: 256, required: true } as const satisfies Member;
export const longestInput = 262_144;
export const includedData = { type: 'enum', values: ['ALL_DATA', 'METADATA_ONLY'] } as const satisfies Member;

/** As the protocol has times. */
export const epochSeconds = (ms: number): number => ms / 1_000;
