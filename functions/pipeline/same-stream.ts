/**
 * Whether what a pipeline reads may be what it writes: it would then read its own results for ever.
 *
 * A stream has many spellings: a name, an ARN, with a role of its account, at an endpoint of its region. Two streams of one
 * name are two only where account or region are known to differ. An endpoint proves nothing: it may be another way to the
 * same service.
 */

import { notAllowed, type Problem } from './problems.ts';
import type { StreamPlace, StreamReference } from './stream.ts';

export function mayBeSameStream(one: StreamPlace, other: StreamPlace): boolean {
  const name = streamNameOf(one.stream);
  // What has no name was refused already.
  return (
    name !== '' &&
    name === streamNameOf(other.stream) &&
    mayEqual(accountOf(one), accountOf(other)) &&
    mayEqual(one.region, other.region)
  );
}

/** `path`: where the sink's options stand. */
export function checkLoop(
  source: StreamPlace,
  sink: StreamPlace & { readonly allowLoop: boolean },
  path: string,
  problems: Problem[],
): void {
  if (sink.allowLoop || !mayBeSameStream(source, sink)) return;
  const allowed =
    'another stream than the one that is read, or its streamArn beside that of the source if it is another one of that name, ' +
    'or allowLoop: true';
  const { stream } = sink;
  const option = stream.kind === 'arn' ? `${path}.streamArn` : `${path}.streamName`;
  problems.push(notAllowed(option, stream.kind === 'arn' ? stream.streamArn : stream.streamName, allowed));
}

export const streamNameOf = (stream: StreamReference): string =>
  stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? '');

/** A stream given by name is one of the role's account, or else of the program's own, which nobody knows yet. */
function accountOf({ stream, role }: StreamPlace): string | undefined {
  const arn = stream.kind === 'arn' ? stream.streamArn : role?.arn;
  return arn?.split(':')[4];
}

const mayEqual = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other;
