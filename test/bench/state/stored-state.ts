/** How large the states are that a batch goes on with: their items and the segments that these name. */
import { padName, statePartition } from '../../../functions/adapters/dynamodb/keys.ts';
import type { GroupStates } from '../../../functions/core/model.ts';
import { sizeOf } from '../../../functions/core/state/manifest.ts';
import type { StateStore } from '../../../functions/ports/state-store.ts';
import { bytesOf } from '../../simulation/services/dynamodb/attribute.ts';
import { type Services, tableName } from './services.ts';

type States = { readonly pipeline: string; readonly store: StateStore };

/** Asks for nothing that is counted. */
export const storedBytes = (services: Services, { pipeline, store }: States, states: GroupStates): Promise<number> =>
  services.uncounted(async () => {
    let bytes = 0;
    for (const [keyGroup, state] of states.entries()) {
      if (state === null) continue;
      const { manifest } = await store.loadState(keyGroup, state.batchId, state.ref);
      bytes += sizeOf(manifest).bytes;
      const name = padName(state);
      for (const item of services.dynamodb.items(tableName, statePartition(pipeline, keyGroup)))
        if (item.sk!.S!.startsWith(name)) bytes += bytesOf(item);
    }
    return bytes;
  });
