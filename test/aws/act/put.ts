/** Puts a part of the events, in pieces, each with the time at which it was taken. */
import { publish } from '../../../local/publish/publisher.ts';
import { inPieces } from '../parts.ts';
import { type Act, requireNames } from './world.ts';

const pieceSize = 500;

export const put: Act = async ({ kinesisOnce, parts, now }, learnt, { part = 0, signal }) => {
  const { source } = requireNames(learnt);
  for (const piece of inPieces(parts[part] ?? [], pieceSize)) {
    const { kind, events } = await publish({
      client: kinesisOnce,
      stream: { StreamName: source },
      events: (async function* () {
        yield piece;
      })(),
      signal,
    });
    if (kind !== 'finished' || events !== piece.length) throw new Error(`${events} of ${piece.length} events were put`);
    const times = piece.map(({ data }) =>
      Date.parse((JSON.parse(Buffer.from(data).toString('utf8')) as { date: string }).date),
    );
    learnt.puts.push({ at: now(), latest: Math.max(...times, learnt.puts.at(-1)?.latest ?? 0) });
  }
};
