/** Notes of what keeps a pipeline up, for people. Nothing of the protocol reads them; they expire. */
import type { Trouble, TroublePlace } from '../core/trouble.ts';

export type TroubleStore = {
  /** The last one put stays, of whichever driver: who reads it looks whether it is of the batch that is open. */
  loadTrouble(place: TroublePlace): Promise<Trouble | undefined>;
  putTrouble(trouble: Trouble): Promise<void>;
  /** All there are. */
  loadTroubles(): Promise<readonly Trouble[]>;
};
