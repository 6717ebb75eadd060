/** Which version of its result a row is, where a reader has to know. */
import type { ResultVersion } from '../../functions/sinks/identity.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Rows for people: without the identity, which is for programs. Where one of them is not simply the result on time, each says in the
 * identity's column which version it is, such as `revision 1, late`.
 */
export function withVersionTexts(rows: readonly unknown[], identityField: string): readonly unknown[] {
  const parted = rows.map((row) => partOf(row, identityField));
  if (!parted.some(({ version }) => version !== undefined && isMoreThanResult(version)))
    return parted.map(({ rest }) => rest);
  return parted.map(({ rest, version }) =>
    version === undefined ? rest : { ...(rest as Row), [identityField]: versionText(version) },
  );
}

/** Outputs may write to one stream; a row that does not say whose it is counts as the output's own. */
export function isOfOutput(row: unknown, identityField: string, output: string): boolean {
  const identity = typeof row === 'object' && row !== null ? (row as Row)[identityField] : undefined;
  const said = typeof identity === 'object' && identity !== null ? (identity as Row).output : undefined;
  return said === undefined || said === output;
}

export function versionText({ revision, timing, retracted }: ResultVersion): string {
  return [`revision ${revision}`, timing, ...(retracted ? ['retracted'] : [])].join(', ');
}

const isMoreThanResult = ({ revision, timing, retracted }: ResultVersion): boolean =>
  revision > 0 || timing !== 'on-time' || retracted;

function partOf(row: unknown, field: string): { readonly rest: unknown; readonly version: ResultVersion | undefined } {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { rest: row, version: undefined };
  const { [field]: identity, ...rest } = row as Row;
  return { rest, version: isVersion(identity) ? identity : undefined };
}

/** Identities of events have none. */
const isVersion = (identity: unknown): identity is ResultVersion =>
  typeof identity === 'object' && identity !== null && 'revision' in identity && 'timing' in identity;
