/**
 * The members of a request: of which type, how long, which of them have to be there.
 *
 * MEMBERS-1 All that is wrong is told at once, in AWS's words. A member that the service does not have is refused as well: AWS would pass it over, but
 *    whoever gives it wants something that does not happen.
 */
import { Refusal } from './refusal.ts';

export type Member = { readonly required?: true } & (
  | { readonly type: 'string'; readonly min: number; readonly max: number; readonly pattern?: RegExp }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | { readonly type: 'number'; readonly min: number; readonly max: number }
  | { readonly type: 'boolean' }
);

export type Members = Readonly<Record<string, Member>>;
export type Request = Readonly<Record<string, unknown>>;

const mostShown = 256;

/** The request, of which each member is as `members` say. Throws `SerializationException` and `ValidationException`. */
export function readRequest(body: string, members: Members): Request {
  const request = parse(body);
  const mistyped = Object.entries(members).find(([name, member]) => !isOfType(member, request[name]));
  if (mistyped !== undefined) {
    const [name, member] = mistyped;
    throw new Refusal('SerializationException', `${name}: ${typeof request[name]} where ${typeOf(member)} has to be`);
  }
  const problems = [
    ...Object.entries(members).flatMap(([name, member]) => problemsOf(name, member, request[name])),
    ...Object.keys(request)
      .filter((name) => !Object.hasOwn(members, name))
      .map((name) => `Member '${name}' is not known: it must be one of ${Object.keys(members).join(', ')}`),
  ];
  if (problems.length === 0) return request;
  const found = `${problems.length} validation error${problems.length > 1 ? 's' : ''} detected`;
  throw new Refusal('ValidationException', `${found}: ${problems.join('; ')}`);
}

function parse(body: string): Request {
  try {
    const value: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return withoutNulls(value as Request);
  } catch {}
  throw new Refusal('SerializationException', 'The request is no JSON object');
}

/** A member that is null is absent, as AWS has it. */
const withoutNulls = (value: Request): Request =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));

const typeOf = ({ type }: Member): string => (type === 'enum' ? 'string' : type);

const isOfType = (member: Member, value: unknown): boolean => value === undefined || typeof value === typeOf(member);

function problemsOf(name: string, member: Member, value: unknown): readonly string[] {
  if (value === undefined) return member.required ? [problem(name, 'null', 'Member must not be null')] : [];
  const shown = String(value).slice(0, mostShown);
  return constraintsOf(member, value).map((constraint) => problem(name, `'${shown}'`, constraint));
}

const problem = (name: string, value: string, constraint: string): string =>
  `Value ${value} at '${name}' failed to satisfy constraint: ${constraint}`;

function constraintsOf(member: Member, value: unknown): readonly string[] {
  if (member.type === 'enum') {
    const { values } = member;
    return values.includes(value as string) ? [] : [`Member must satisfy enum value set: [${values.join(', ')}]`];
  }
  if (member.type === 'boolean') return [];
  const { min, max } = member;
  if (member.type === 'number') {
    const isIn = Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    return isIn ? [] : [`Member must have value between ${min} and ${max}`];
  }
  const { pattern } = member;
  const { length } = value as string;
  return [
    ...(length < min ? [`Member must have length greater than or equal to ${min}`] : []),
    ...(length > max ? [`Member must have length less than or equal to ${max}`] : []),
    ...(pattern?.test(value as string) === false
      ? [`Member must satisfy regular expression pattern: ${pattern.source}`]
      : []),
  ];
}
