/** A function that a sink calls, its version or its alias: given, or the existing one that the pipeline file names. */
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { CheckedLambdaSink } from '../../functions/sinks/lambda.ts';
import { noteCaller } from '../other-accounts.ts';
import { namedInStack } from './named-in-stack.ts';

export const lambdaInStack = namedInStack<IFunction, CheckedLambdaSink>({
  isOne: (place) => 'functionArn' in place,
  arnOf: ({ functionArn }) => functionArn,
  writtenArn: ({ name, partition, region, account }) =>
    account === undefined ? undefined : `arn:${partition}:lambda:${region}:${account}:function:${name}`,
  noteElsewhere: noteCaller,
});
