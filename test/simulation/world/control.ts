/** `sluice stop` and `sluice start`, as far as the table sees of them: one write each. */
import { headKey } from '../../../functions/adapters/dynamodb/keys.ts';
import { pipelineName, tableName } from '../checks/stored.ts';
import type { SimulatedDynamodb } from '../services/dynamodb/simulated-dynamodb.ts';

/** False: the pipeline has no head yet. */
export function setControl(dynamodb: SimulatedDynamodb, control: 'run' | 'stop'): boolean {
  const { pk, sk } = headKey(pipelineName);
  if (dynamodb.item(tableName, pk, sk) === undefined) return false;
  dynamodb.execute('UpdateItem', {
    TableName: tableName,
    Key: { pk: { S: pk }, sk: { S: sk } },
    UpdateExpression: 'SET #control = :set_control',
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: { '#control': 'control', '#pk': 'pk' },
    ExpressionAttributeValues: { ':set_control': { S: control } },
  });
  return true;
}
