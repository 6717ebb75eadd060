/**
 * How Node runs in the functions.
 *
 * An executor's answers lie beside the heap, and only a collection of the young generation lets go of them cheaply. Where that is large (V8
 * takes 32 MB on a machine of 16 GB) it is collected so seldom that all of the heap is before, because of what lies beside it. Events of
 * 200 bytes take 1.6 times the processor time with 32 MB, and as much with 4 and 16 as with 8; of 1 KB, from 25 shards, they take 1.3 times
 * with 16, and with 4 as much (the workers of `e2e-count` and `shards-per-executor` in `test/bench`, without waits between their turns).
 *
 * Where a function has 512 MB, V8 takes 1 MB by itself (https://nodejs.org/api/cli.html, `--max-semi-space-size`, which `NODE_OPTIONS` may
 * have). Options with which Lambda itself starts Node would go before it.
 */
export const heapOptions = ['--max-semi-space-size=8'] as const;

export const nodeOptions = ['--enable-source-maps', ...heapOptions].join(' ');
