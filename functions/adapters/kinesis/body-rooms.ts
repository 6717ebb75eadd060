/**
 * Buffers for bodies of answers, one for each that is on its way. Which are given back are used again: V8 collects the whole heap for
 * megabytes that come and go beside it.
 *
 * BODIES-1 When a room is given back nothing is left in it that anybody looks at: what was found is a copy.
 */

/** Bodies of a stream are seldom of the same size. */
const step = 131_072;
/** Smaller ones come in a read or two. */
const leastBytes = 8_192;
/** More than an answer has, of 10 MiB of payloads. */
const mostBytes = 16_777_216;
/** Of those that wait: bodies of 25 shards that are read side by side, of a second each. */
const mostIdle = 41_943_040;

/** In the order in which they were given back. */
const idle: Buffer[] = [];
let idleBytes = 0;

/** At least as large. Undefined: one would be of no use. */
export function borrowRoom(length: number): Buffer | undefined {
  if (!(length >= leastBytes && length <= mostBytes)) return undefined;
  const room = smallestOf(length);
  if (room === undefined) return Buffer.allocUnsafeSlow(Math.ceil(length / step) * step);
  idle.splice(idle.indexOf(room), 1);
  idleBytes -= room.length;
  return room;
}

/** Bodies may have become larger than they were: those that nobody asked for since go. */
export function giveBackRoom(room: Buffer): void {
  idle.push(room);
  idleBytes += room.length;
  while (idleBytes > mostIdle) idleBytes -= idle.shift()!.length;
}

function smallestOf(least: number): Buffer | undefined {
  let smallest: Buffer | undefined;
  for (const room of idle)
    if (room.length >= least && room.length < (smallest?.length ?? Number.POSITIVE_INFINITY)) smallest = room;
  return smallest;
}
