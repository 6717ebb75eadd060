/** What travels between the pipelines: one writes what the other reads, and both compile against this file. */
import * as z from 'zod';

export const Flight = z.object({ date: z.string(), delay: z.number(), origin: z.string(), destination: z.string() });

/** Minutes; `isLong` from `longFrom` on. */
export const Delay = z.object({ date: z.string(), airport: z.string(), minutes: z.number(), isLong: z.boolean() });

/** Less is no delay. */
export const delayedFrom = 15;
export const longFrom = 60;
