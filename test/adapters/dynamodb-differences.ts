/**
 * Where the embedded DynamoDB (dynalite) and the simulated one differ. The simulated one follows what AWS documents; no
 * adapter depends on what dynalite does instead. Each is shown by a test.
 */
export type Difference = {
  readonly name: string;
  readonly embedded: string;
  readonly simulated: string;
  readonly reason: string;
};

export const differences = [
  {
    name: 'unprocessed writes',
    embedded: 'processes every write of a batch',
    simulated: 'leaves writes unprocessed on demand, and is throttled if that is all of them',
    reason: 'dynalite has no limits of throughput',
  },
  {
    name: 'stale reads',
    embedded: 'answers every read with the newest item',
    simulated: 'answers reads without ConsistentRead as of an earlier time on demand',
    reason: 'dynalite has one copy of the data',
  },
  {
    name: 'time to live',
    embedded: 'knows no UpdateTimeToLive and deletes nothing that has expired',
    simulated: 'has it, and deletes what has expired when the simulation says so',
    reason: 'not part of dynalite',
  },
  {
    name: 'order of text in conditions',
    embedded: 'compares UTF-16 units',
    simulated: 'compares UTF-8 bytes, as for sort keys',
    reason: 'differs for characters beyond U+FFFF only; dynalite compares texts of JavaScript',
  },
  {
    name: 'size of text',
    embedded: 'counts UTF-16 units',
    simulated: 'counts UTF-8 bytes, in items and in keys',
    reason: 'dynalite counts texts of JavaScript',
  },
  {
    name: 'beginning of bytes',
    embedded: 'compares bytes as text, in which all that is not UTF-8 is alike',
    simulated: 'compares bytes',
    reason: 'a shortcut of dynalite',
  },
  {
    name: 'two missing attributes',
    embedded: 'are equal',
    simulated: 'are not: a comparison with what is missing does not hold',
    reason: 'dynalite compares the types first, and both have none',
  },
  {
    name: 'one negation after another',
    embedded: 'NOT NOT is a syntax error',
    simulated: 'is allowed, as NOT before any condition',
    reason: 'the grammar that AWS documents allows it; not tried there',
  },
  {
    name: 'empty values between others',
    embedded: 'are never between two values',
    simulated: 'come first, before all other values of their type',
    reason: 'dynalite takes them for missing',
  },
  {
    name: 'empty text in a key condition',
    embedded: 'answers with what the condition gives',
    simulated: 'refuses it, as any empty key',
    reason: 'not checked by dynalite',
  },
  {
    name: 'half surrogate pairs',
    embedded: 'are stored as they are',
    simulated: 'are refused',
    reason: 'what AWS does is not documented: whoever relies on either is to be found out',
  },
  {
    name: 'batches over several tables',
    embedded: '25 writes for each table',
    simulated: '25 writes in all',
    reason: 'dynalite counts each list for itself',
  },
  {
    name: 'end of a page',
    embedded: 'counts names and numbers of an item by a formula of its own',
    simulated: 'counts the size of items as for their limit of 400 KB',
    reason: 'not documented beyond 1 MB; a page may have one item more or less',
  },
] as const satisfies readonly Difference[];

export type DifferenceName = (typeof differences)[number]['name'];
