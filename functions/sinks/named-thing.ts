/** A thing in AWS that a sink writes to, by its name or its ARN, as options of the sink. */
import { checkRole } from '../pipeline/check-role.ts';
import { nested, type Rule, text } from '../pipeline/option-rules.ts';
import type { RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import type { AssumedRole, StreamOverride } from '../pipeline/stream.ts';
import type { AwsAccount } from './sink-kind.ts';

export type NamedThing = {
  readonly name: string;
  readonly region: string | undefined;
  /** Of an ARN: partition and account. */
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  readonly endpointUrl: string | undefined;
  /** Undefined: the program's own credentials. A name is one of the role's account. */
  readonly role: AssumedRole | undefined;
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

type At = Pick<NamedThing, 'name' | 'region' | 'partition' | 'account'>;

export function namedThing(naming: Naming) {
  const { service, nameAllowed, arnAllowed, namePattern, resource } = naming;
  const nameRule: Rule<string | undefined> = text(nameAllowed, (value) => namePattern.test(value), undefined);
  const arnRule: Rule<string | undefined> = text(arnAllowed, (value) => parse(naming, value) !== undefined, undefined);
  return {
    nameRule,
    arnRule,
    roleRule: nested(),
    /** What is said from outside counts more, and then the file need not even name a thing that there is. */
    optionsIn: (options: RawOptions, { stream }: Pick<StreamOverride, 'stream'>): RawOptions =>
      stream === undefined ? options : { ...options, [naming.name]: undefined, [naming.arn]: undefined },
    /** A region that stands in an ARN is the thing's own. */
    resolve(
      { path, override }: { readonly path: string; readonly override: StreamOverride },
      options: RawOptions,
      problems: Problem[],
    ): Omit<NamedThing, 'endpointUrl'> {
      const at =
        override.stream === undefined
          ? written(naming, path, options, problems)
          : replaced(naming, path, { place: override.stream, region: options.region }, problems);
      return { ...at, role: checkRole(`${path}.role`, options.role, override.role, problems) };
    },
    arnOf({ name, region, partition, account }: At, here: AwsAccount): string {
      const at = `${partition ?? here.partition}:${service}:${region ?? here.region}:${account ?? here.account}`;
      return `arn:${at}:${resource}${name}`;
    },
  };
}

function parse({ service, resource, namePattern }: Naming, arn: string): At | undefined {
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
}

function replaced(
  naming: Naming,
  path: string,
  { place, region }: { readonly place: string; readonly region: unknown },
  problems: Problem[],
): At {
  const given = parse(naming, place) ?? { name: place, region: textOf(region) };
  if (!naming.namePattern.test(given.name))
    problems.push(notAllowed(`override of ${path}`, place, `${naming.nameAllowed}, or ${naming.arnAllowed}`));
  return given;
}

function written(naming: Naming, path: string, options: RawOptions, problems: Problem[]): At {
  const { [naming.name]: name, [naming.arn]: arn, region } = options;
  if (name !== undefined && arn !== undefined)
    problems.push(notAllowed(`${path}.${naming.arn}`, arn, `either ${naming.name} or ${naming.arn}`));
  if (name === undefined && arn === undefined)
    problems.push(missing(`${path}.${naming.name}`, `${naming.nameAllowed} (or ${naming.arn})`));
  const parsed = typeof arn === 'string' ? parse(naming, arn) : undefined;
  if (parsed === undefined) return { name: textOf(name) ?? '', region: textOf(region) };
  if (region !== undefined && region !== parsed.region)
    problems.push(
      notAllowed(`${path}.region`, region, `'${parsed.region}', the region of ${naming.arn}, or leave it out`),
    );
  return parsed;
}

/** What is no text was refused where it stands. */
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
