/** What `npx cdk` reads. */
import { App, CfnOutput } from 'aws-cdk-lib';
import { FlightOperations } from './stack.ts';

const app = new App();
const stack = new FlightOperations(app, 'FlightOperations');
new CfnOutput(stack, 'TableName', { value: stack.table.tableName });
new CfnOutput(stack, 'SourceStreamName', { value: stack.delays.source.streamName });
new CfnOutput(stack, 'ResultStreamName', { value: stack.delaysByAirport.sink.streamName });
app.synth();
