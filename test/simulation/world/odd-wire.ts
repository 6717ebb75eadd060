/**
 * Records on the wire as other servers might write them: members in another order, more of them than anybody knows, and
 * characters as escapes. They say the same.
 */
import type { Random } from '../random.ts';

type Members = Readonly<Record<string, unknown>>;

const share = 0.2;

export function oddly(answer: object, random: Random): object {
  const { Records } = answer as { readonly Records?: readonly Members[] };
  if (Records === undefined) return answer;
  const turned = random.chance(share) ? turnedBy(random.int(1, 3)) : (members: Members) => members;
  const written = Records.map((record) => turned({ ...record, ...(random.chance(share) ? more : {}) }));
  return turned({ ...answer, Records: written });
}

const more = { EncryptionType: 'KMS', Later: 'unknown' };

const turnedBy =
  (places: number) =>
  (members: Members): Members => {
    const all = Object.entries(members);
    return Object.fromEntries([...all.slice(places % all.length), ...all.slice(0, places % all.length)]);
  };

/** The first character of one partition key as an escape. */
export function withEscape(text: string, random: Random): string {
  if (!random.chance(share)) return text;
  const name = '"PartitionKey":"';
  const at = text.indexOf(name) + name.length;
  const escaped = `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return at < name.length || /["\\]/.test(text.charAt(at)) ? text : text.slice(0, at) + escaped + text.slice(at + 1);
}
