/** What is deployed: the pipeline, and both of its streams. The construct takes streams that exist as well. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SluicePipeline } from 'kinesis-sluice/cdk';

const app = new App();
const stack = new Stack(app, 'Departures');
const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'departures.ts', source: {}, sink: {} });
new CfnOutput(stack, 'TableName', { value: departures.table.tableName });
new CfnOutput(stack, 'StateMachineArn', { value: departures.stateMachine.stateMachineArn });
new CfnOutput(stack, 'SourceStreamName', { value: departures.source.streamName });
app.synth();
