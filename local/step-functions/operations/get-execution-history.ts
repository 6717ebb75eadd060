/** GetExecutionHistory. */
import type { HistoryEvent } from '../history.ts';
import { type PageRequest, pageMembers, pageOf } from '../paging.ts';
import { requireExecution } from './known.ts';
import { arnMember, epochSeconds, type Operation } from './operation.ts';

type Request = PageRequest & {
  readonly executionArn: string;
  readonly reverseOrder?: boolean;
  readonly includeExecutionData?: boolean;
};

export const getExecutionHistory: Operation = {
  members: {
    executionArn: arnMember,
    reverseOrder: { type: 'boolean' },
    includeExecutionData: { type: 'boolean' },
    ...pageMembers,
  },
  answer(request, { log }) {
    const { executionArn, reverseOrder = false, includeExecutionData = true, ...page } = request as Request;
    const { events } = requireExecution(log, executionArn);
    const question = { isReverse: reverseOrder, of: ['GetExecutionHistory', executionArn] };
    const { items, nextToken } = pageOf(events, page, question);
    return { events: items.map((event) => shown(event, includeExecutionData)), nextToken };
  },
};

const data = ['input', 'output', 'inputDetails', 'outputDetails', 'parameters'];

const shown = ({ id, previousEventId, type, timestamp, details }: HistoryEvent, includesData: boolean): object => ({
  ...{ id, previousEventId, type, timestamp: epochSeconds(timestamp) },
  ...(includesData ? details : withoutData(details)),
});

const withoutData = (details: HistoryEvent['details']): HistoryEvent['details'] =>
  Object.fromEntries(
    Object.entries(details).map(([name, members]) => [
      name,
      Object.fromEntries(Object.entries(members).filter(([member]) => !data.includes(member))),
    ]),
  );
