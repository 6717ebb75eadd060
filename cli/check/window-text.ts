/** Windows in words. A kind that has none here is named with what saved state depends on. */
import { formatDuration } from '../../functions/pipeline/duration.ts';
import type { CheckedGlobal } from '../../functions/windows/global-window.ts';
import type { CheckedSession } from '../../functions/windows/session.ts';
import type { CheckedSliding } from '../../functions/windows/sliding.ts';
import type { CheckedTumbling } from '../../functions/windows/tumbling.ts';
import type { WindowSpec } from '../../functions/windows/window-kind.ts';

const words: Readonly<Record<string, (options: never) => string>> = {
  tumbling: ({ sizeMs, offsetMs, zone }: CheckedTumbling) =>
    `of ${formatDuration(sizeMs)}, one after the other${from(offsetMs)}${zone === undefined ? '' : `, days of ${zone}`}`,
  sliding: ({ sizeMs, everyMs, offsetMs }: CheckedSliding) =>
    `of ${formatDuration(sizeMs)}, one begins every ${formatDuration(everyMs)}${from(offsetMs)}`,
  session: ({ gapMs }: CheckedSession) => `sessions: one ends ${formatDuration(gapMs)} after its last event`,
  'per-micro-batch': () => 'one for each batch',
  'drop-duplicates': ({ withinMs }: { readonly withinMs: number }) => `for ${formatDuration(withinMs)}`,
  global: ({ ttlMs }: CheckedGlobal) => `all time: a key is forgotten ${formatDuration(ttlMs)} after its latest event`,
};

const from = (offsetMs: number): string => (offsetMs === 0 ? '' : `, moved by ${formatDuration(offsetMs)}`);

export const windowText = ({ kind, options }: WindowSpec): string =>
  words[kind.kind]?.(options as never) ?? kind.fingerprint(options).join(' ');
