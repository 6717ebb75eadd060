/** A thing in AWS that a sink writes to, by its name or its ARN, as options of the sink. */
import { type Rule, text } from '../pipeline/option-rules.ts';
import type { RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import type { AwsAccount } from './sink-kind.ts';

export type NamedThing = {
  readonly name: string;
  readonly region: string | undefined;
  /** Of an ARN: partition and account. */
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  readonly endpointUrl: string | undefined;
};

type Naming = {
  readonly service: string;
  /** The options. */
  readonly name: string;
  readonly arn: string;
  readonly nameAllowed: string;
  readonly arnAllowed: string;
  readonly namePattern: RegExp;
  /** What stands before the name in an ARN. */
  readonly resource: string;
};

export function namedThing(naming: Naming) {
  const { service, nameAllowed, arnAllowed, namePattern, resource } = naming;
  const parse = (arn: string) => {
    const [prefix, partition = '', of, region = '', account = '', ...rest] = arn.split(':');
    const path = rest.join(':');
    const name = path.slice(resource.length);
    const isArn =
      prefix === 'arn' &&
      /^aws[a-z-]*$/.test(partition) &&
      of === service &&
      /^[a-z0-9-]+$/.test(region) &&
      /^\d{12}$/.test(account) &&
      path.startsWith(resource) &&
      namePattern.test(name);
    return isArn ? { partition, region, account, name } : undefined;
  };
  const nameRule: Rule<string | undefined> = text(nameAllowed, (value) => namePattern.test(value), undefined);
  const arnRule: Rule<string | undefined> = text(arnAllowed, (value) => parse(value) !== undefined, undefined);
  return {
    nameRule,
    arnRule,
    /** A region that stands in an ARN is the thing's own. */
    resolve(path: string, options: RawOptions, problems: Problem[]): Omit<NamedThing, 'endpointUrl'> {
      const { [naming.name]: name, [naming.arn]: arn, region } = options;
      if (name !== undefined && arn !== undefined)
        problems.push(notAllowed(`${path}.${naming.arn}`, arn, `either ${naming.name} or ${naming.arn}`));
      if (name === undefined && arn === undefined)
        problems.push(missing(`${path}.${naming.name}`, `${nameAllowed} (or ${naming.arn})`));
      const parsed = typeof arn === 'string' ? parse(arn) : undefined;
      if (parsed === undefined) return { name: textOf(name) ?? '', region: textOf(region) };
      if (region !== undefined && region !== parsed.region)
        problems.push(
          notAllowed(`${path}.region`, region, `'${parsed.region}', the region of ${naming.arn}, or leave it out`),
        );
      return parsed;
    },
    arnOf({ name, region, partition, account }: NamedThing, here: AwsAccount): string {
      const at = `${partition ?? here.partition}:${service}:${region ?? here.region}:${account ?? here.account}`;
      return `arn:${at}:${resource}${name}`;
    },
  };
}

/** What is no text was refused where it stands. */
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
