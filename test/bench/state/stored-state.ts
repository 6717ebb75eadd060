/** How large the states are that a batch goes on with: all that is stored of them, of nothing else. */

import { padName, statePartition } from '../../../functions/adapters/dynamodb/keys.ts';
import type { GroupStates } from '../../../functions/core/model.ts';
import { bytesOf } from '../../simulation/services/dynamodb/attribute.ts';
import { type Services, tableName } from './services.ts';

export function storedBytes({ dynamodb }: Services, pipeline: string, states: GroupStates): number {
  let bytes = 0;
  for (const [keyGroup, state] of states.entries()) {
    if (state === null) continue;
    const name = padName(state);
    for (const item of dynamodb.items(tableName, statePartition(pipeline, keyGroup)))
      if (item.sk!.S!.startsWith(name)) bytes += bytesOf(item);
  }
  return bytes;
}
