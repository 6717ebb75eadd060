/**
 * What people and their roles may do with a pipeline: the calls of the commands of `sluice`, on the pipeline's own items and objects.
 * As for functions, `dynamodb:LeadingKeys` and the prefix of the bucket keep other pipelines of the same table and bucket apart.
 */
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type GrantOnPrincipalOptions, type IGrantable, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { keyStatement, tableKeyStatement } from './key-statement.ts';

/** By commands: `docs/operations.md` has the same table, and `test/infra/granted-commands.http.ts` the calls. */
export const accessActions = {
  start: { dynamodb: ['GetItem', 'UpdateItem'], s3: [] },
  read: { dynamodb: ['GetItem', 'Query'], s3: ['GetObject'] },
  operate: {
    dynamodb: ['BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
    s3: ['DeleteObject', 'GetObject', 'PutObject'],
  },
} as const;

export type Access = keyof typeof accessActions;

export type Opened = {
  readonly pipelineName: string;
  readonly table: ITable;
  readonly stateBucket: IBucket | undefined;
  readonly stateMachineArn: string;
};

export function grantAccess(access: Access, grantee: IGrantable, opened: Opened): Grant {
  const [first, ...rest] = accessRights(access, opened).map((right) => Grant.addToPrincipal({ grantee, ...right }));
  const grant = rest.reduce((all, one) => all.combine(one), first!);
  if (Construct.isConstruct(grantee.grantPrincipal))
    acknowledgeWildcards(grantee.grantPrincipal, grant.principalStatements);
  return grant;
}

type Right = Pick<GrantOnPrincipalOptions, 'actions' | 'resourceArns' | 'conditions'>;

function accessRights(access: Access, opened: Opened): readonly Right[] {
  const { pipelineName, table, stateMachineArn } = opened;
  const items: Right = {
    actions: accessActions[access].dynamodb.map((action) => `dynamodb:${action}`),
    resourceArns: [table.tableArn],
    conditions: {
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': [pipelineName, ...foldersOf(access, pipelineName).map((folder) => `${folder}*`)],
      },
    },
  };
  const { encryptionKey: key, env } = table;
  const tableKey = key === undefined ? [] : [rightOf(tableKeyStatement({ sid: 'TableKey', key, region: env.region }))];
  const machine: Right = {
    actions: ['states:DescribeStateMachine', 'states:StartExecution'],
    resourceArns: [stateMachineArn],
  };
  return [items, ...tableKey, ...bucketRights(access, opened), ...(access === 'read' ? [] : [machine])];
}

/** What is a pipeline's own begins with one of these. A savepoint has the name of its pipeline, and its own behind `@`, which no pipeline has in its name. */
const foldersOf = (access: Access, pipelineName: string): readonly string[] =>
  access === 'start' ? [`${pipelineName}/`] : [`${pipelineName}/`, `${pipelineName}@`];

function bucketRights(access: Access, { stateBucket: bucket, pipelineName }: Opened): readonly Right[] {
  const actions = accessActions[access].s3;
  if (bucket === undefined || actions.length === 0) return [];
  const own = foldersOf(access, pipelineName).map((folder) => `${folder}*`);
  const rights: Right[] = [
    {
      actions: actions.map((action) => `s3:${action}`),
      resourceArns: own.map((pattern) => bucket.arnForObjects(pattern)),
    },
    {
      actions: ['s3:ListBucket'],
      resourceArns: [bucket.bucketArn],
      conditions: { StringLikeIfExists: { 's3:prefix': own } },
    },
  ];
  const { encryptionKey: key, env } = bucket;
  if (key === undefined) return rights;
  const uses = access === 'read' ? ['Decrypt'] : ['Decrypt', 'GenerateDataKey'];
  return [
    ...rights,
    rightOf(keyStatement({ sid: 'BucketKey', key, service: 's3', actions: uses, region: env.region })),
  ];
}

const rightOf = ({ actions, resources, conditions }: PolicyStatement): Right => ({
  actions,
  resourceArns: resources,
  conditions,
});
