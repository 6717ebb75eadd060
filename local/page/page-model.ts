/**
 * What the page shows, as values: from facts to the model of each panel. Pure.
 *
 * PAGEMODEL-1 A panel whose model has not changed is not sent again.
 */
import type { PageFacts } from './page-facts.ts';
import { panels } from './panels/index.ts';
import type { Panel } from './panels/panel.ts';

/** By the ids of panels; as JSON, since that is how they are compared and sent. */
export type PageModel = ReadonlyMap<string, string>;

export function pageModel(facts: PageFacts, shown: readonly Panel[] = panels): PageModel {
  const { pipeline, mode } = facts;
  return new Map([
    ['page', JSON.stringify({ pipeline, mode, panels: shown.map(({ id }) => id) })],
    ...shown.map(({ id, model }) => [id, JSON.stringify(model(facts))] as const),
  ]);
}

/** What a reader of `before` lacks; undefined: nothing. One JSON object, of models by panels. */
export function changes(before: PageModel, now: PageModel): string | undefined {
  const changed = [...now].filter(([id, model]) => before.get(id) !== model);
  if (changed.length === 0) return undefined;
  return `{${changed.map(([id, model]) => `${JSON.stringify(id)}:${model}`).join(',')}}`;
}
