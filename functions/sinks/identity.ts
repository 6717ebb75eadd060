/** What names an output record for ever, so that a reader can drop repeats. */

/** Of an aggregated result: `index` is its place in the stored outbox of (batch, ref, group). */
export type ResultIdentity = {
  readonly v: 1;
  readonly pipeline: string;
  readonly output: string;
  readonly generation: number;
  readonly batch: number;
  readonly ref: number;
  readonly group: number;
  readonly index: number;
  /** 0: the window's first and only result. Corrections of late data will count up. */
  readonly revision: number;
};

/** Of a mapped event: the event it came from, and the position from which the attempt that wrote it had started. */
export type EventIdentity = {
  readonly v: 1;
  readonly pipeline: string;
  readonly output: string;
  readonly generation: number;
  readonly shard: string;
  readonly sequence: string;
  readonly sub: number;
  readonly index: number;
  readonly base: string;
};

export type Identity = ResultIdentity | EventIdentity;

/** Into the text itself: whatever wrote it as an object, its identity is the last field. */
export function withIdentity(text: string, name: string, identity: Identity): string {
  if (!text.startsWith('{')) return text;
  const field = `${JSON.stringify(name)}:`;
  const object = text.includes(field) ? withoutField(text, name) : text;
  return `${object.slice(0, -1)}${object === '{}' ? '' : ','}${field}${JSON.stringify(identity)}}`;
}

/** A field of that name (an event that a pipeline wrote) would be there twice. */
function withoutField(text: string, name: string): string {
  const { [name]: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
}
