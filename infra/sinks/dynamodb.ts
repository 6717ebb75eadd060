/** The table of a live view: given, or the existing one that the pipeline file names. */
import { type IResource, Token } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { CheckedDynamodbSink } from '../../functions/sinks/dynamodb.ts';
import { tableKeyStatement } from '../key-statement.ts';
import { noteOwner } from '../other-accounts.ts';
import { namedInStack } from './named-in-stack.ts';

export const dynamodbInStack = namedInStack<ITable, CheckedDynamodbSink>({
  isOne: (place) => 'tableArn' in place,
  arnOf: ({ tableArn }) => tableArn,
  writtenArn: ({ table }) => (table.startsWith('arn:') ? table : undefined),
  refuse: refuseOtherKeys,
  statementsOf: ({ encryptionKey: key, env, tableArn }) =>
    key === undefined ? [] : [tableKeyStatement({ sid: 'ViewKey', key, region: regionOf(tableArn) ?? env.region })],
  noteElsewhere: (scope, { arn, account, grants }) =>
    noteOwner(scope, {
      ...{ arn, account, what: 'table', service: 'dynamodb' },
      actions: grants.flatMap(({ actions }) => actions),
    }),
});

const regionOf = (arn: string): string | undefined => (Token.isUnresolved(arn) ? undefined : arn.split(':')[3]);

/** Of a table that a stack of this app makes they are known; of another one the first put tells. */
function refuseOtherKeys(
  table: ITable,
  { partitionKeyName, sortKeyName }: CheckedDynamodbSink,
  property: string,
): void {
  const keys = keysOf(table);
  const writes = [`${partitionKeyName} (S)`, `${sortKeyName} (S)`].join(' and ');
  if (keys === undefined || keys.join(' and ') === writes) return;
  throw new Error(
    `${property} is a table with the keys ${keys.join(' and ')}: the sink writes ${writes}. Give the table such keys, or name its ` +
      'own, which are texts (S), as partitionKeyName and sortKeyName of the sink',
  );
}

type Schema = {
  readonly keySchema?: readonly { readonly attributeName: string; readonly keyType: string }[];
  readonly attributeDefinitions?: readonly { readonly attributeName: string; readonly attributeType: string }[];
};

/** "pk (S)", first the partition key. */
function keysOf({ node, stack }: IResource): readonly string[] | undefined {
  const table = (node.defaultChild ?? {}) as Schema;
  const keySchema: Schema['keySchema'] = stack.resolve(table.keySchema);
  const attributeDefinitions: Schema['attributeDefinitions'] = stack.resolve(table.attributeDefinitions);
  if (keySchema === undefined || attributeDefinitions === undefined) return undefined;
  const typeOf = (name: string) =>
    attributeDefinitions.find(({ attributeName }) => attributeName === name)?.attributeType;
  return keySchema
    .toSorted((one, other) => one.keyType.localeCompare(other.keyType))
    .map(({ attributeName }) => `${attributeName} (${typeOf(attributeName)})`);
}
