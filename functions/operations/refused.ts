/** A command that is not carried out: nothing has changed. */
import { SluiceError } from '../core/errors.ts';

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
