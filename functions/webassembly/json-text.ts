/** Texts of JSON, sixteen bytes at a time. */
import { type Code, vector } from './instructions.ts';

export const quote = 0x22;
export const backslash = 0x5c;

/** All ones in each byte at which a text ends, or goes on in another way than it stands: a quote, a backslash, a control character. */
export const endsText = (read: Code): Code =>
  vector.or(
    vector.or(vector.same(read, vector.repeated(quote)), vector.same(read, vector.repeated(backslash))),
    vector.less(read, vector.repeated(0x20)),
  );
