/** The sources of a pipeline: the one place that knows there is one. */

/** Of what a pipeline reads. */
export const mainSource = 'main';

/** Where a row stands that was refused: it comes of no shard, but of a key group. No source may have this id. */
export const resultsSource = 'results';
