/** ListExecutions: the latest first. */
import { type ExecutionStatus, executionStatuses } from '../execution-log.ts';
import { type PageRequest, pageMembers, pageOf } from '../paging.ts';
import { Refusal } from '../refusal.ts';
import { requireStateMachine } from './known.ts';
import { arnMember, epochSeconds, type Operation } from './operation.ts';

type Request = PageRequest & {
  readonly stateMachineArn?: string;
  readonly mapRunArn?: string;
  readonly statusFilter?: ExecutionStatus;
  readonly redriveFilter?: 'REDRIVEN' | 'NOT_REDRIVEN';
};

export const listExecutions: Operation = {
  members: {
    stateMachineArn: { ...arnMember, required: undefined },
    mapRunArn: { type: 'string', min: 1, max: 2_000 },
    statusFilter: { type: 'enum', values: executionStatuses },
    redriveFilter: { type: 'enum', values: ['REDRIVEN', 'NOT_REDRIVEN'] },
    ...pageMembers,
  },
  answer(request, { log }) {
    const { stateMachineArn, mapRunArn, statusFilter, redriveFilter, ...page } = request as Request;
    if ((stateMachineArn === undefined) === (mapRunArn === undefined))
      throw new Refusal('ValidationException', 'One of stateMachineArn and mapRunArn must be given, and not both');
    // Maps of this machine run within their execution.
    if (stateMachineArn === undefined) throw new Refusal('InvalidArn', `Invalid Arn: '${mapRunArn}'`);
    requireStateMachine(log, stateMachineArn);
    const found = log
      .all()
      .filter(({ status }) => statusFilter === undefined || status === statusFilter)
      .filter(() => redriveFilter !== 'REDRIVEN');
    const question = { isReverse: true, of: ['ListExecutions', stateMachineArn, statusFilter, redriveFilter] };
    const { items, nextToken } = pageOf(found, page, question);
    const executions = items.map(({ arn, name, status, startedAt, stoppedAt }) => ({
      ...{ executionArn: arn, stateMachineArn: log.stateMachineArn, name, status, redriveCount: 0 },
      startDate: epochSeconds(startedAt),
      ...(stoppedAt === undefined ? {} : { stopDate: epochSeconds(stoppedAt) }),
    }));
    return { executions, nextToken };
  },
};
