/** What a block has of a key group. */
import type { Carried } from './carried.ts';
import type { OpenEnds } from './open-ends.ts';
import type { SavedWindows } from './saved-windows.ts';

/** What one task has of a key group, and when its windows close. */
export type GroupPartials = SavedPartials & { readonly open: OpenEnds };
/** As a block has it. `carried`: what goes with it into the outbox; absent: nothing. */
export type SavedPartials = { readonly windows: SavedWindows; readonly carried?: readonly Carried[] };
