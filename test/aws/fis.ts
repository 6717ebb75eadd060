/** An experiment of AWS FIS: calls to Kinesis that the functions which read and write make fail, in each way for a while. */
import type { Settings } from './settings.ts';

const minutes = 2;
const percentage = '20';

const ways = {
  internal: 'aws:fis:inject-api-internal-error',
  throttled: 'aws:fis:inject-api-throttle-error',
  unavailable: 'aws:fis:inject-api-unavailable-error',
} as const;

const operations = 'GetRecords,GetShardIterator,ListShards,PutRecords';

/** One way after the other. `roles`: ARNs of those of the functions. */
export function experimentTemplate({ stack, fisRole }: Settings, roles: readonly string[]): object {
  const names = Object.keys(ways) as (keyof typeof ways)[];
  const actions = names.map((name, at) => [
    name,
    {
      actionId: ways[name],
      parameters: { service: 'kinesis', operations, percentage, duration: `PT${minutes}M` },
      targets: { Roles: 'functions' },
      ...(at === 0 ? {} : { startAfter: [names[at - 1]] }),
    },
  ]);
  return {
    description: `Calls of ${stack} to Kinesis fail`,
    targets: { functions: { resourceType: 'aws:iam:role', resourceArns: roles, selectionMode: 'ALL' } },
    actions: Object.fromEntries(actions),
    stopConditions: [{ source: 'none' }],
    roleArn: fisRole,
    tags: { Name: stack },
  };
}

/** Of the functions that call Kinesis most, from what CloudFormation says of the stack. */
export function rolesOf(resources: readonly StackResource[], account: string): readonly string[] {
  return ['ProcessShards', 'ReduceKeyGroup'].map((step) => {
    const role = resources.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === 'AWS::IAM::Role' && LogicalResourceId.includes(`${step}Role`),
    );
    if (role === undefined) throw new Error(`the stack has no role of ${step}`);
    return `arn:aws:iam::${account}:role/${role.PhysicalResourceId}`;
  });
}

export type StackResource = {
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
};
