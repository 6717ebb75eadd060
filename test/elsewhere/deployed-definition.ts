/** The state machine of a synthesised template, with what CloudFormation would put in. */
import type { Template } from '../../local/invoke/synthesised-function.ts';

type Value = string | { readonly Ref?: string; readonly 'Fn::Join'?: readonly [string, readonly Value[]] };
type Named = { readonly Type: string; readonly Properties: Readonly<Record<string, Value>> };

/** Versions are those of the functions that SAM knows by the names of their steps. */
export function deployedDefinition(template: Template): { readonly definition: string; readonly type: string } {
  const resources = template.Resources as unknown as Readonly<Record<string, Named>>;
  const textOf = (value: Value): string => {
    if (typeof value === 'string') return value;
    const { Ref: ref, 'Fn::Join': join } = value;
    if (join !== undefined) return join[1].map(textOf).join(join[0]);
    if (ref === 'AWS::Partition') return 'aws';
    const resource = ref === undefined ? undefined : resources[ref];
    if (resource?.Type !== 'AWS::Lambda::Version') throw new Error(`unknown in a definition: ${JSON.stringify(value)}`);
    const { Ref: fn = '' } = resource.Properties.FunctionName as { readonly Ref?: string };
    const name = template.Resources[fn]?.Metadata?.SamResourceId;
    return `arn:aws:lambda:us-east-1:123456789012:function:${name}:1`;
  };
  const machine = Object.values(resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  if (machine === undefined) throw new Error('there is no state machine in the template');
  const { DefinitionString, StateMachineType } = machine.Properties;
  return { definition: textOf(DefinitionString!), type: textOf(StateMachineType!) };
}
