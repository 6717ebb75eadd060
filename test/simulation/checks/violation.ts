/** A broken promise, by the name it has in docs/protocol.md. The first one ends the run. */
export type Violation = { readonly invariant: string; readonly detail: string };

export type Report = (invariant: string, detail: string) => void;
