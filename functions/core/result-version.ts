/**
 * Which version of a result a row is.
 *
 * VERSION-1 A window gives out its result once: in the batch whose watermark reached its end, or whose own it is. So it is the
 *    only version, it is on time, also where windows are closed because the input has ended, and no other can follow.
 */
import type { KeyValue } from '../pipeline/pipeline.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import type { Window } from '../windows/window-kind.ts';
import { canonicalKey, keyName } from './key-group.ts';

export function onlyVersion({ start, end }: Window, keyValues: readonly KeyValue[]): ResultVersion {
  return {
    window: [start, end],
    key: keyName(canonicalKey(keyValues)),
    row: 0,
    revision: 0,
    timing: 'on-time',
    final: true,
    retracted: false,
  };
}
