/** A command that is not carried out: nothing has changed. */
import { SluiceError } from '../core/errors.ts';
import { heldAt } from '../core/head.ts';
import type { Head } from '../core/model.ts';

/**
 * held    a driver, or another command, has the pipeline: wait, or stop it
 * usage   what was asked for is not possible as things stand
 */
export class OperationRefused extends SluiceError {
  readonly why: 'held' | 'usage';

  constructor(why: 'held' | 'usage', message: string) {
    super('NotAllowed', message);
    this.why = why;
  }
}

/** While somebody has the lease. */
export function refuseHeld(
  head: Pick<Head, 'holder'>,
  now: number,
  { what, todo }: { readonly what: string; readonly todo: string },
): void {
  const held = heldAt(head, now);
  if (held === undefined) return;
  const until = new Date(held.until).toISOString();
  throw new OperationRefused('held', `${what} is held by ${held.execution} until ${until}: ${todo}`);
}
