/** What a value is once it has been JSON. */

/** Dates are texts, and what has a `toJSON` is what that says. */
export type JsonOf<Value> = Value extends { toJSON(...given: never): infer Written }
  ? Written
  : Value extends object
    ? { [Name in keyof Value]: JsonOf<Value[Name]> }
    : Value;
