/** DescribeStateMachine: a Standard one, since executions of Express ones can't be looked at. */
import { nameOf } from '../arns.ts';
import { requireStateMachine } from './known.ts';
import { arnMember, epochSeconds, includedData, type Operation } from './operation.ts';

type Request = { readonly stateMachineArn: string; readonly includedData?: 'ALL_DATA' | 'METADATA_ONLY' };

export const describeStateMachine: Operation = {
  members: { stateMachineArn: arnMember, includedData },
  answer(request, { log }) {
    const { stateMachineArn, includedData = 'ALL_DATA' } = request as Request;
    requireStateMachine(log, stateMachineArn);
    return {
      ...{ stateMachineArn, name: nameOf(stateMachineArn), status: 'ACTIVE', type: 'STANDARD', roleArn: log.roleArn },
      creationDate: epochSeconds(log.createdAt),
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      ...(includedData === 'ALL_DATA' ? { definition: JSON.stringify(log.definition) } : {}),
    };
  },
};
