/** A note that blames an event of a function's death stands only while user code has the event: no request is made under it. */
import type { DeathNote } from '../../../functions/core/suspicions.ts';
import type { Request } from '../world/calls.ts';
import type { Invocation } from '../world/invocation.ts';
import type { Report } from './violation.ts';

export class BlameChecks {
  readonly #report: Report;
  readonly #last = new WeakMap<Invocation, DeathNote>();

  constructor(report: Report) {
    this.#report = report;
  }

  requested(invocation: Invocation, call: string, request: Request): void {
    if (call === 'put-note') {
      this.#last.set(invocation, noteIn(request));
      return;
    }
    const last = this.#last.get(invocation);
    // One that was seen to die stays to blame.
    if (last === undefined || !last.isEvent || last.died !== undefined) return;
    this.#report('blame', `${invocation.id}: ${call} while ${last.place.sequenceNumber} is blamed for what happens`);
  }
}

function noteIn({ input }: Request): DeathNote {
  const { Item } = input as { readonly Item: { readonly note: { readonly S: string } } };
  return JSON.parse(Item.note.S) as DeathNote;
}
