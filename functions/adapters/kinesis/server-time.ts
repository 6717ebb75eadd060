import type { Clock } from '../../ports/clock.ts';
import { serverDateOf } from '../server-date.ts';

/** The header has whole seconds and may be stamped before the answer is made: a second is taken off. */
const headerMarginMs = 1000;

/** Never ahead of Kinesis. Without the header, the local clock less the same margin has to do. */
export const serverTimeOf = (output: object, clock: Clock): number =>
  (serverDateOf(output) ?? clock.now()) - headerMarginMs;
