/** Where the positions and states of a restored batch come from. */
export type Origin = {
  readonly batchId: number;
  readonly ref: number;
  readonly why: 'rewind' | 'savepoint' | 'fork' | 'repartition';
  /** Whose batch it is: a pipeline's or a savepoint's. */
  readonly pipeline: string;
  /** Of a rewind: what batches of the pipeline behind this one have given out, up to the restored one, is given out again where it still comes about. */
  readonly after?: number;
};
