/**
 * Where the embedded Kinesis (kinesis-local) and the simulated one differ. The simulated one follows what AWS documents;
 * no adapter depends on what the embedded one does instead. Each is shown by a test.
 */
export type Difference = {
  readonly name: string;
  readonly embedded: string;
  readonly simulated: string;
  readonly reason: string;
};

export const differences = [
  {
    name: 'states of a stream',
    embedded: 'is UPDATING for a moment after a change, and takes no other change then',
    simulated: 'is ACTIVE; each change is done at once',
    reason: 'the pipeline changes no streams; a reader meets the same shards either way',
  },
  {
    name: 'limits of throughput',
    embedded: 'has none',
    simulated: 'refuses reads, iterators and records beyond what a shard takes and gives in a second',
    reason: 'not part of kinesis-local',
  },
  {
    name: 'records of a request',
    embedded: 'may be more than 500, or none',
    simulated: 'refuses the request',
    reason: 'not checked by kinesis-local',
  },
  {
    name: 'failures of single records',
    embedded: 'takes each record of a request or none',
    simulated: 'fails for single records on demand',
    reason: 'kinesis-local never fails',
  },
  {
    name: 'failures of reads',
    embedded: 'gives what there is',
    simulated: 'fails, or gives less, on demand',
    reason: 'kinesis-local never fails',
  },
  {
    name: 'empty answers',
    embedded: 'finds the next record however far it is',
    simulated: 'goes over a stretch of time for each answer on demand, which may have no records',
    reason: 'kinesis-local holds its records in memory',
  },
  {
    name: 'stamps',
    embedded: 'stamps each record with its clock',
    simulated: 'stamps are off on demand, so that they need not be in order',
    reason: 'kinesis-local has one clock',
  },
  {
    name: 'old listings',
    embedded: 'lists the newest shards',
    simulated: 'lists the shards as of an earlier time on demand',
    reason: 'kinesis-local has one copy of the data',
  },
  {
    name: 'pages of listings',
    embedded: '100 shards at most',
    simulated: '1000 shards at most',
    reason: 'the former limit of another call',
  },
  {
    name: 'filter of later pages',
    embedded: 'forgets the filter with the first page',
    simulated: 'a token stands for all parameters of the first page',
    reason: 'a token of kinesis-local is a stream and a shard',
  },
  {
    name: 'tokens of listings',
    embedded: 'takes tokens that it never gave, for ever',
    simulated: 'takes its own, for 300 seconds',
    reason: 'a token of kinesis-local is a stream and a shard',
  },
  {
    name: 'time of creation',
    embedded: 'passes over it in a listing',
    simulated: 'refuses to list a stream that was created at another second',
    reason: 'not checked by kinesis-local',
  },
  {
    name: 'filter by time',
    embedded: 'compares full seconds',
    simulated: 'compares milliseconds',
    reason: 'AWS documents a precision in milliseconds',
  },
  {
    name: 'time before the stream',
    embedded: 'all shards are taken for open at a time before there were any',
    simulated: 'no shard was open then',
    reason: 'AWS documents no correction for this filter; the planner lists all shards where it finds none',
  },
  {
    name: 'shards at the trim horizon',
    embedded: 'lists all shards for AT_TRIM_HORIZON',
    simulated: 'lists those that were open then',
    reason: 'a shortcut of kinesis-local; no adapter asks for them',
  },
  {
    name: 'numbers that no record has',
    embedded: 'are ResourceNotFoundException, wherever they are from',
    simulated: 'of other shards and streams are InvalidArgumentException; of this one, stand for the next record',
    reason: 'kinesis-local looks for the record; AWS documents iterators at numbers of records that are gone',
  },
  {
    name: 'ends of sequence numbers',
    embedded: 'a closed shard ends with the largest 64-bit number; a merged one begins with its parent',
    simulated: 'numbers grow from the start of a shard over its records to its end, and on to its children',
    reason: 'placeholders of kinesis-local; a starting place is not held against an end that lies before the beginning',
  },
  {
    name: 'first hash ranges',
    embedded: 'shares out 2^128 - 1 hash keys, the rest to the last shard',
    simulated: 'shares out all 2^128',
    reason: 'the ranges differ by a few keys, which a record meets only with an explicit hash key',
  },
  {
    name: 'order of a merge',
    embedded: 'the lower shard has to be named first',
    simulated: 'either order',
    reason: 'AWS documents adjacency without a direction',
  },
  {
    name: 'order of parents',
    embedded: 'names the parents of a child by their number',
    simulated: 'names the shard that was merged before its neighbour',
    reason: 'AWS documents no order',
  },
  {
    name: 'split at the first hash key',
    embedded: 'makes a child without a hash key',
    simulated: 'is refused',
    reason: 'not checked by kinesis-local',
  },
  {
    name: 'milliseconds behind',
    embedded: 'from the last record given to the last record there is',
    simulated: 'from the last record given to now',
    reason: 'AWS documents how far behind current time the reader is',
  },
  {
    name: 'unreadable iterators',
    embedded: 'fails itself',
    simulated: 'are InvalidArgumentException',
    reason: 'not checked by kinesis-local',
  },
  {
    name: 'iterators of a former stream',
    embedded: 'read the stream that has its name now',
    simulated: 'are InvalidArgumentException',
    reason: 'an iterator of kinesis-local is the name of a stream and a number',
  },
  {
    name: 'retention that stays',
    embedded: 'is taken for a change',
    simulated: 'is refused: more must be more, and less must be less',
    reason: 'as AWS documents it',
  },
  {
    name: 'streams without shards',
    embedded: 'are LimitExceededException',
    simulated: 'are InvalidArgumentException',
    reason: 'AWS documents the former for the limit of an account',
  },
  {
    name: 'encryption',
    embedded: 'says with each stream and record that it is not encrypted',
    simulated: 'does not mention it',
    reason: 'optional, and read by no adapter',
  },
] as const satisfies readonly Difference[];

export type DifferenceName = (typeof differences)[number]['name'];
