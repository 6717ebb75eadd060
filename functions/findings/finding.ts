/** What is wrong with a pipeline, or soon will be: for people, in plain words. */

/**
 * info      worth knowing; nothing has to be done
 * warning   something is not right and does not mend itself, or may become worse
 * critical  results are held up or lost, or are about to be
 */
export type Severity = 'info' | 'warning' | 'critical';

export type Finding = {
  /** The name of its kind, such as `stuck-shard`: the same for the same thing, so that a script may go by it. */
  readonly kind: string;
  readonly severity: Severity;
  /** What it is about: the name of a shard, an output or a key group, or `pipeline`. */
  readonly subject: string;
  /** One sentence: what is seen, and why it is so as far as that is known. */
  readonly cause: string;
  /** One sentence: what one can do, with the command or the option. */
  readonly mend: string;
};

/** The subject of what is about no part of it. */
export const wholePipeline = 'pipeline';
