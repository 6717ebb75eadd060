/** StartExecution: with a name it can be asked again, as long as the execution runs. */
import { longestName, requireName } from '../arns.ts';
import { Refusal } from '../refusal.ts';
import { requireStateMachine } from './known.ts';
import { arnMember, epochSeconds, longestInput, type Operation } from './operation.ts';

type Request = {
  readonly stateMachineArn: string;
  readonly name?: string;
  readonly input?: string;
  readonly traceHeader?: string;
};

export const startExecution: Operation = {
  members: {
    stateMachineArn: arnMember,
    name: { type: 'string', min: 1, max: longestName },
    input: { type: 'string', min: 0, max: longestInput },
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is allowed.
    traceHeader: { type: 'string', min: 0, max: 256, pattern: /^[\u0000-\u007f]*$/ },
  },
  async answer(request, machine) {
    const { stateMachineArn, input = '{}', ...asked } = request as Request;
    if (asked.name !== undefined) requireName(asked.name);
    requireInput(input);
    requireStateMachine(machine.log, stateMachineArn);
    const { arn, startedAt } = await machine.start({ ...asked, input });
    return { executionArn: arn, startDate: epochSeconds(startedAt) };
  },
};

function requireInput(input: string): void {
  const bytes = Buffer.byteLength(input);
  if (bytes > longestInput) throw invalid(`it has ${bytes} bytes; ${longestInput} are allowed`);
  try {
    JSON.parse(input);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

const invalid = (why: string): Refusal =>
  new Refusal('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
