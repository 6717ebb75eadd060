/** Both pipelines, and what they share: a table and a bucket, alarms that reach somebody, one dashboard, and who may look. */
import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { SluiceBucket, SluiceDashboard, SluicePipeline, SluiceTable } from 'kinesis-sluice/cdk';

export class FlightOperations extends Stack {
  readonly delays: SluicePipeline;
  readonly delaysByAirport: SluicePipeline;
  readonly table: SluiceTable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new SluiceTable(this, 'Table');
    const onCall = new Topic(this, 'OnCall');
    const shared = {
      table: this.table,
      stateBucket: new SluiceBucket(this, 'State'),
      metrics: 'all' as const,
      alarms: true,
      alarmActions: [new SnsAction(onCall)],
    };
    this.delays = new SluicePipeline(this, 'Delays', { ...shared, pipeline: 'delays.ts', source: {}, sink: {} });
    this.delaysByAirport = new SluicePipeline(this, 'DelaysByAirport', {
      ...shared,
      pipeline: 'delays-by-airport.ts',
      source: this.delays.sink,
      sink: { shardCount: 1 },
    });
    new SluiceDashboard(this, 'Dashboard', { pipelines: [this.delays, this.delaysByAirport] });

    const support = new Role(this, 'Support', { assumedBy: new AccountRootPrincipal() });
    this.delays.grantRead(support);
    this.delaysByAirport.grantRead(support);
    this.delaysByAirport.sink.grantRead(support);
  }
}
