/** ListStateMachines: there is one. */
import { nameOf } from '../arns.ts';
import { type PageRequest, pageMembers, pageOf } from '../paging.ts';
import { epochSeconds, type Operation } from './operation.ts';

export const listStateMachines: Operation = {
  members: pageMembers,
  answer(request, { log }) {
    const one = { id: 1, stateMachineArn: log.stateMachineArn, name: nameOf(log.stateMachineArn), type: 'STANDARD' };
    const { items, nextToken } = pageOf([one], request as PageRequest, { isReverse: false, of: ['ListStateMachines'] });
    const stateMachines = items.map(({ id: _, ...machine }) => ({
      ...machine,
      creationDate: epochSeconds(log.createdAt),
    }));
    return { stateMachines, nextToken };
  },
};
