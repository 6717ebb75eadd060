/** Results as they stand: what a reader has who keeps the latest version of each. */
import { type PipelineDefinition, type ResultVersion, runPipeline } from '../../functions/index.ts';

export type Identity = ResultVersion & { readonly output: string; readonly ref: number };
export type Version<Row> = { readonly id: Identity; readonly row: Row };

/** Each, in whatever order they have come, by (ref, revision). */
export function latestOf<Row>(versions: readonly Version<Row>[]): Row[] {
  const latest = new Map<string, Version<Row>>();
  const inOrder = versions.toSorted(
    ({ id: one }, { id: other }) => one.ref - other.ref || one.revision - other.revision,
  );
  for (const version of inOrder) {
    const { output, window, key, row } = version.id;
    latest.set(JSON.stringify([output, window, key, row]), version);
  }
  return [...latest.values()].filter(({ id }) => !id.retracted).map(({ row }) => row);
}

/** All that the main output gives out of these events, so many in a batch. */
export function versionsOf<Event, Row>(
  definition: PipelineDefinition<Event, Row>,
  { events, eventsPerBatch }: { readonly events: readonly Event[]; readonly eventsPerBatch: number },
) {
  const batches = Array.from({ length: Math.ceil(events.length / eventsPerBatch) }, (_, at) =>
    events.slice(at * eventsPerBatch, (at + 1) * eventsPerBatch),
  );
  const told = runPipeline(definition, { batches, closeWindows: true });
  const versions = told.flatMap(({ results, versions: ids }, ref) =>
    results.map((row, at): Version<Row> => ({ row, id: { ...ids[at]!, output: 'main', ref } })),
  );
  return { versions, late: told.flatMap(({ late }) => late), deadLetters: told.flatMap((each) => each.deadLetters) };
}
