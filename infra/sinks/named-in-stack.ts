/** What a sink writes to by its name or its ARN: given to the construct, or what the pipeline file names, which must exist. */
import { type IResource, Stack, Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Grant } from '../../functions/sinks/sink-kind.ts';
import { isElsewhere } from '../other-accounts.ts';
import { type PipelineSink, refusePlace, type StackSinkKind } from './stack-sink.ts';

type Named = { readonly role?: { readonly arn: string } | undefined };

export type NamedInStack<Thing extends IResource, Options> = {
  readonly isOne: (place: PipelineSink) => boolean;
  readonly arnOf: (thing: Thing) => string;
  /** Undefined: the file alone says where it is. Of a thing of the file. */
  readonly writtenArn: (options: Options) => string | undefined;
  /** Throws where the sink can't write to it. `property`: the one that has it. */
  readonly refuse?: (thing: Thing, options: Options, property: string) => void;
  /** What it takes beside the grants of its kind, of one that is reached without a role. */
  readonly statementsOf?: (thing: Thing) => readonly PolicyStatement[];
  /** Told of one without a role that is of another account, or may be. Throws where nothing opens it. */
  readonly noteElsewhere: (scope: Construct, there: Elsewhere) => void;
};

export type Elsewhere = {
  readonly arn: string;
  readonly account: string;
  readonly grants: readonly Grant[];
  readonly property: string;
};

export function namedInStack<Thing extends IResource, Options extends Named>(
  of: NamedInStack<Thing, Options>,
): StackSinkKind<Options> {
  return {
    place(scope, output, options, { place, role: askedRole, property }) {
      if (place !== undefined && !of.isOne(place)) refusePlace(property, output, place);
      const thing = place as Thing | undefined;
      const role = askedRole === false ? undefined : (askedRole ?? options.role?.arn);
      const { partition, region, account } = Stack.of(scope);
      const placed = { ...options, role: role === undefined ? undefined : { arn: role } };
      const grants = output.sink.kind.grants(placed, { partition, region, account });
      const asked = { options, grants, role, property };
      return thing === undefined ? writtenIn(scope, of, asked) : givenIn(scope, of, { ...asked, thing });
    },
  };
}

type Asked<Options> = Pick<Elsewhere, 'grants' | 'property'> & {
  readonly options: Options;
  readonly role: string | undefined;
};
type Placed = ReturnType<StackSinkKind['place']>;

function writtenIn<Thing extends IResource, Options>(
  scope: Construct,
  { writtenArn, noteElsewhere }: NamedInStack<Thing, Options>,
  { options, grants, role, property }: Asked<Options>,
): Placed {
  const arn = writtenArn(options);
  const account = arn?.split(':')[4];
  if (role === undefined && arn !== undefined && account !== undefined && isElsewhere(scope, account))
    noteElsewhere(scope, { arn, account, grants, property });
  return { stream: undefined, told: { arn: undefined }, role, grants, statements: [] };
}

function givenIn<Thing extends IResource, Options>(
  scope: Construct,
  { refuse, arnOf, statementsOf, noteElsewhere }: NamedInStack<Thing, Options>,
  { thing, options, grants: ofKind, role, property }: Asked<Options> & { readonly thing: Thing },
): Placed {
  refuse?.(thing, options, property);
  const arn = arnOf(thing);
  const placed = { stream: undefined, told: { arn }, role };
  if (role !== undefined) return { ...placed, grants: ofKind, statements: [] };
  const grants = ofKind.map((grant) => ({ ...grant, resources: [arn] }));
  // What is imported by its ARN may be said to be of this stack's account.
  const account = Token.isUnresolved(arn) ? thing.env.account : arn.split(':')[4]!;
  if (isElsewhere(scope, account)) noteElsewhere(scope, { arn, account, grants, property });
  return { ...placed, grants, statements: statementsOf?.(thing) ?? [] };
}
