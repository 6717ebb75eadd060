/** The table that pipelines keep their checkpoints and window state in. One table can serve many pipelines. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The table's name, key and fate: the third argument of `new SluiceTable`. */
export interface SluiceTableProps {
  /** The name of the table. @default one made by CloudFormation */
  readonly tableName?: string;
  /** A key of your own. @default the key that AWS manages for DynamoDB in your account */
  readonly encryptionKey?: IKey;
  /** What happens to the table, so to every checkpoint in it, when the stack goes. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Throughput that a new table is prepared for, so that the first batches of a large pipeline aren't throttled.
   * @default what DynamoDB gives any new table
   */
  readonly warmThroughput?: TableProps['warmThroughput'];
}

/**
 * A table for checkpoints and window state, which several pipelines may share: on demand, with TTL and point-in-time recovery,
 * encrypted. A pipeline that is given none makes one of its own.
 *
 * @example
 * ```ts
 * import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
 * import { SluicePipeline, SluiceTable } from 'kinesis-sluice/cdk';
 *
 * const stack = new Stack(new App(), 'Flights');
 * const table = new SluiceTable(stack, 'Checkpoints', { removalPolicy: RemovalPolicy.RETAIN });
 *
 * new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts', table });
 * ```
 */
export class SluiceTable extends Table {
  constructor(scope: Construct, id: string, props: SluiceTableProps = {}) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
      ...(props.tableName === undefined ? {} : { tableName: props.tableName }),
      ...(props.warmThroughput === undefined ? {} : { warmThroughput: props.warmThroughput }),
      ...(props.encryptionKey === undefined
        ? { encryption: TableEncryption.AWS_MANAGED }
        : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: props.encryptionKey }),
    });
  }
}
