/** StopExecution: at once, as a crash would. One that is over stays as it is, and when it ended is told. */
import { requireExecution } from './known.ts';
import { arnMember, epochSeconds, type Operation } from './operation.ts';

type Request = { readonly executionArn: string; readonly error?: string; readonly cause?: string };

export const stopExecution: Operation = {
  members: {
    executionArn: arnMember,
    error: { type: 'string', min: 0, max: 256 },
    cause: { type: 'string', min: 0, max: 32_768 },
  },
  answer(request, { log }) {
    const { executionArn, ...why } = request as Request;
    const execution = requireExecution(log, executionArn);
    log.abort(execution.arn, why);
    return { stopDate: epochSeconds(execution.stoppedAt!) };
  },
};
