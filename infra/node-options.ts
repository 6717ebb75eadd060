/**
 * How Node runs in the functions.
 *
 * An executor's answers lie beside the heap, and only a collection of the young generation lets go of them cheaply. Where that is large (V8
 * takes 32 MB on a machine of 16 GB) it is collected so seldom that all of the heap is before, because of what lies beside it: events of
 * 200 bytes then take 1.6 times the processor time, and of 1 KB from 25 shards 1.3 times (`npm run bench -- e2e-count`,
 * `shards-per-executor`). From 4 to 16 MB there is little difference.
 *
 * Where a function has 512 MB, V8 takes 1 MB by itself (https://nodejs.org/api/cli.html, `--max-semi-space-size`, which `NODE_OPTIONS` may
 * have). Options with which Lambda itself starts Node would go before it.
 */
export const heapOptions = ['--max-semi-space-size=8'] as const;

export const nodeOptions = ['--enable-source-maps', ...heapOptions].join(' ');
