/** What `npm run verify:aws` is asked. */
import { parseArgs } from 'node:util';

export type Settings = {
  readonly account: string;
  readonly region: string;
  readonly profile: string | undefined;
  /** Of the stack that is made and destroyed. */
  readonly stack: string;
  /** ARN of the role that AWS FIS takes for its experiment. Undefined: there is none. */
  readonly fisRole: string | undefined;
  /** How many of the example's flights are put. */
  readonly events: number;
  readonly isDry: boolean;
};

export type ReadSettings =
  | { readonly kind: 'valid'; readonly settings: Settings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

export const mostEvents = 20_000;
/** A part of them before, between and after the disturbances, some in each. */
const leastEvents = 100;

const names = '--account, --region, --profile, --stack, --events, --fis, --dry-run';

type Environment = Readonly<Record<string, string | undefined>>;

/** All that is wrong is told at once. */
export function readSettings(args: readonly string[], environment: Environment): ReadSettings {
  const problems: string[] = [];
  const values = parsed(args, problems);
  const settings = {
    account: values.account ?? '',
    region: values.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? '',
    profile: values.profile ?? environment.AWS_PROFILE,
    stack: values.stack ?? 'SluiceVerify',
    fisRole: values.fis,
    events: Number(values.events ?? mostEvents),
    isDry: values['dry-run'] === true,
  };
  if (problems.length === 0) problems.push(...problemsOf(settings, values.events), ...elsewhere(environment));
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', settings };
}

type Values = { [Name in 'account' | 'region' | 'profile' | 'stack' | 'fis' | 'events']?: string } & {
  'dry-run'?: boolean;
};

function parsed(args: readonly string[], problems: string[]): Values {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ account: text, region: text, profile: text, stack: text, fis: text, events: text },
        'dry-run': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    problems.push(`${(error as Error).message}. Its options: ${names}`);
    return {};
  }
}

const given = (name: string, value: string): string => (value === '' ? `--${name} is missing` : `--${name} ${value}`);

function problemsOf({ account, region, stack, fisRole, events }: Settings, asked: string | undefined): string[] {
  const problems: string[] = [];
  if (!/^\d{12}$/.test(account))
    problems.push(
      `${given('account', account)}: the 12 digits of the account that may be written to; the credentials have to be its own`,
    );
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) problems.push(`${given('region', region)}: a region, such as eu-west-1`);
  if (!/^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(stack))
    problems.push(`--stack ${stack}: a letter, then letters, digits and -, 100 at most`);
  const role = new RegExp(`^arn:aws[a-z-]*:iam::${account}:role/\\S+$`);
  if (fisRole !== undefined && !role.test(fisRole))
    problems.push(`--fis ${fisRole}: the ARN of a role of account ${account} that AWS FIS may take`);
  if (!Number.isInteger(events) || events < leastEvents || events > mostEvents)
    problems.push(`--events ${asked}: a whole number from ${leastEvents} to ${mostEvents.toLocaleString('en')}`);
  return problems;
}

/** With one of these set, what is verified would be some other server. */
const elsewhere = (environment: Environment): readonly string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith('AWS_ENDPOINT_URL') && environment[name])
    .map((name) => `${name} is set: this is about AWS itself`);
