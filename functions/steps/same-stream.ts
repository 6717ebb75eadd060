import { SluiceError } from '../core/errors.ts';
import type { StreamIdentity } from '../core/model.ts';
import type { StreamListing } from '../ports/source.ts';

/** Describes the stream; refuses one that was created again since the checkpoint was made. */
export async function checkStream(
  { ports }: { readonly ports: { readonly source: Pick<StreamListing, 'describe'> } },
  saved: StreamIdentity,
): Promise<Awaited<ReturnType<StreamListing['describe']>>> {
  const described = await ports.source.describe();
  const { stream } = described;
  const isSame = stream.arn === saved.arn && Math.abs(stream.createdAt - saved.createdAt) < 1000;
  if (isSame) return described;
  throw new SluiceError(
    'StreamRecreated',
    `the checkpoint belongs to ${saved.arn} created ${isoOf(saved.createdAt)}; the stream is now ${stream.arn} created ` +
      `${isoOf(stream.createdAt)}. Its sequence numbers mean nothing here: start under another pipeline name.`,
  );
}

const isoOf = (time: number): string => new Date(time).toISOString();
