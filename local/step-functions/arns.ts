/** ARNs of one state machine and of its executions. Both have an account that no customer of AWS has. */
import { Refusal } from './refusal.ts';

const account = '000000000000';
/** Of a state machine's name, as of an execution's. */
export const longestName = 80;

export const stateMachineArnOf = (region: string, name: string): string =>
  `arn:aws:states:${region}:${account}:stateMachine:${name.slice(0, longestName)}`;

export const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

export const nameOf = (arn: string): string => arn.split(':').at(-1)!;

type Kind = 'stateMachine' | 'execution';

/** Throws `InvalidArn` for what can be the ARN of no such thing, whether there is one or not. */
export function requireArn(arn: string, kind: Kind): void {
  const [prefix, partition = '', service, region, owner = '', resource, ...names] = arn.split(':');
  if (prefix !== 'arn' || !partition.startsWith('aws')) throw invalid(`Invalid ARN prefix: ${arn}`);
  if (service !== 'states') throw invalid(`Invalid service in ARN: ${arn}`);
  if (!region || !/^\d{12}$/.test(owner)) throw invalid(`Invalid region or account in ARN: ${arn}`);
  if (resource !== kind) throw invalid(`Resource type not valid in this context: ${resource}`);
  const most = kind === 'execution' ? [2] : [1, 2];
  if (!most.includes(names.length) || names.includes('')) throw invalid(`Invalid ARN: ${arn}`);
}

const invalid = (what: string): Refusal => new Refusal('InvalidArn', `Invalid Arn: '${what}'`);

/** What AWS forbids in a name: space, brackets, wildcards, special characters, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/u;

/** Of an execution. Its length is looked at before. */
export function requireName(name: string): void {
  if (forbidden.test(name)) throw new Refusal('InvalidName', `Invalid Name: '${name}'`);
}
