/** DescribeExecution. */
import type { Execution } from '../execution-log.ts';
import { requireExecution } from './known.ts';
import { arnMember, epochSeconds, includedData, type Operation } from './operation.ts';

type Request = { readonly executionArn: string; readonly includedData?: 'ALL_DATA' | 'METADATA_ONLY' };

export const describeExecution: Operation = {
  members: { executionArn: arnMember, includedData },
  answer(request, { log }) {
    const { executionArn, includedData = 'ALL_DATA' } = request as Request;
    const { arn, name, status, startedAt, stoppedAt, traceHeader, error, cause, ...data } = requireExecution(
      log,
      executionArn,
    );
    return {
      ...{ executionArn: arn, stateMachineArn: log.stateMachineArn, name, status, error, cause, traceHeader },
      startDate: epochSeconds(startedAt),
      ...(stoppedAt === undefined ? {} : { stopDate: epochSeconds(stoppedAt) }),
      ...dataOf(data, includedData === 'ALL_DATA'),
      ...{ redriveCount: 0, redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Executions here are not redriven' },
    };
  },
};

function dataOf({ input, output }: Pick<Execution, 'input' | 'output'>, included: boolean): object {
  const hasOutput = output !== undefined;
  const details = { inputDetails: { included }, ...(hasOutput ? { outputDetails: { included } } : {}) };
  return included ? { input, ...(hasOutput ? { output } : {}), ...details } : details;
}
