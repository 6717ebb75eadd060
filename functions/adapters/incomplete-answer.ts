/**
 * Answers that lack what the API always gives, as proxies and failing servers send them with a 200. They say nothing:
 * neither that a shard is over, nor that there is no item. Each is a failure that passes, and is asked again.
 */
export class IncompleteAnswer extends Error {
  override readonly name = 'IncompleteAnswer';

  constructor(member: string) {
    super(`the answer lacks ${member}`);
  }
}

/** A member that the API always gives; `member` is its name for people. */
export function given<Value>(value: Value | null | undefined, member: string): Value {
  if (value === undefined || value === null || value === '') throw new IncompleteAnswer(member);
  return value;
}
