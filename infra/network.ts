/** Functions in a VPC of the app's: what they are given, and what Lambda does for them there. */
import { Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export type Network = {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: readonly ISecurityGroup[];
};

/** @throws `Error` if there is a part of it without a VPC */
export function networkOf({ vpc, vpcSubnets, securityGroups }: Network) {
  if (vpc !== undefined)
    return {
      vpc,
      ...(vpcSubnets === undefined ? {} : { vpcSubnets }),
      ...(securityGroups === undefined ? {} : { securityGroups: [...securityGroups] }),
    };
  const [alone] = Object.entries({ vpcSubnets, securityGroups }).filter(([, value]) => value !== undefined);
  if (alone !== undefined) throw new Error(`${alone[0]} is given without vpc: name the VPC that it is of`);
  return undefined;
}

const actions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lambda makes the interfaces with the function's role, of which IAM knows no resource before they exist. The function's own code is denied the
 * same: only a call that comes from its code has the function as its source.
 */
export function networkStatements(scope: Construct, network: ReturnType<typeof networkOf>): PolicyStatement[] {
  if (network === undefined) return [];
  const { partition, region, account } = Stack.of(scope);
  const functions = `arn:${partition}:lambda:${region}:${account}:function:*`;
  return [
    new PolicyStatement({ sid: 'NetworkInterfaces', actions, resources: ['*'] }),
    new PolicyStatement({
      ...{ sid: 'NoNetworkInterfacesByCode', effect: Effect.DENY, actions, resources: ['*'] },
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': functions } },
    }),
  ];
}
