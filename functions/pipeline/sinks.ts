/** Sinks for development. For production see `kinesis`. */
export type ConsoleSink = { readonly kind: 'console' };
export type FileSink = { readonly kind: 'file'; readonly path: string };

/** Prints results, for a pipeline that runs on your machine. */
export function console(): ConsoleSink {
  return Object.freeze({ kind: 'console' });
}

/** Appends results to a file, one JSON value a line, for a pipeline that runs on your machine. */
export function file(path: string): FileSink {
  return Object.freeze({ kind: 'file', path });
}
