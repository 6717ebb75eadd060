/** What the stack has made, by name. */
export type Names = {
  readonly pipeline: string;
  readonly stateMachineArn: string;
  readonly table: string;
  readonly source: string;
  readonly sink: string;
};

/** Of the example, whatever the stack. */
export const pipelineName = 'departures';

/** In a plan, before there is a stack. */
export const placeholders: Names = {
  pipeline: pipelineName,
  stateMachineArn: '<StateMachineArn>',
  table: '<TableName>',
  source: '<SourceStreamName>',
  sink: '<SinkStreamName>',
};

/** From what the CDK writes with `--outputs-file`. Throws if one is missing. */
export function namesOf(outputs: string, stack: string): Names {
  const all = JSON.parse(outputs) as Record<string, Record<string, string>>;
  const of = (name: string): string => {
    const value = all[stack]?.[name];
    if (value === undefined) throw new Error(`stack ${stack} has no output ${name}`);
    return value;
  };
  return {
    pipeline: pipelineName,
    stateMachineArn: of('StateMachineArn'),
    table: of('TableName'),
    source: of('SourceStreamName'),
    sink: of('SinkStreamName'),
  };
}
