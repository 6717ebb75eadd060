/**
 * VIEW-1 of events: a table has each event of a committed batch at an item of its own, and at the item of each key the one that is the last
 * in the order of batches and of sequence numbers; and nothing else.
 */
import type { SimulatedDynamodb } from '../services/dynamodb/simulated-dynamodb.ts';
import { elementsOf } from '../world/elements.ts';
import type { Scenario } from '../world/scenario.ts';
import { latestSortKey, viewTable } from '../world/view.ts';
import type { Contained } from './more-results.ts';
import type { Report } from './violation.ts';

type Latest = { readonly order: readonly bigint[]; readonly content: string };

export class EventViewCheck {
  readonly #report: Report;
  readonly #scenario: Scenario;
  readonly #events = new Map<string, string>();
  readonly #latest = new Map<string, Latest>();

  constructor(report: Report, scenario: Scenario) {
    this.#report = report;
    this.#scenario = scenario;
  }

  /** `counted`: the events that came to the first output. */
  committed(batchId: number, counted: readonly Contained[]): void {
    for (const each of counted) {
      const { event, shardId, sequenceNumber, sub } = each;
      const elements = this.#scenario.hasElements === true ? elementsOf(event) : [event];
      for (const [index, { value }] of elements.entries()) {
        const content = `${event.id} ${2 * value}`;
        this.#events.set(`${shardId} ${sequenceNumber} ${sub} ${index}`, content);
        const order = [batchId, sequenceNumber, sub, index].map(BigInt);
        const known = this.#latest.get(event.key);
        if (known === undefined || isBehind(order, known.order)) this.#latest.set(event.key, { order, content });
      }
    }
  }

  drained(dynamodb: SimulatedDynamodb): void {
    const held = { events: new Map<string, string>(), latest: new Map<string, string>() };
    for (const pk of dynamodb.partitions(viewTable))
      for (const { sk, _sluice, id, twice, key } of dynamodb.items(viewTable, pk)) {
        const content = `${id?.N} ${twice?.N}`;
        const { shard, sequence, sub, index } = _sluice!.M!;
        if (sk!.S!.startsWith(`${latestSortKey}#`)) held.latest.set(key!.S!, content);
        else held.events.set(`${shard!.S} ${sequence!.S} ${sub!.N} ${index!.N}`, content);
      }
    this.#compare('event', held.events, this.#events);
    this.#compare('key', held.latest, new Map([...this.#latest].map(([key, { content }]) => [key, content])));
  }

  #compare(of: string, held: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): void {
    for (const [name, content] of expected)
      if (held.get(name) !== content)
        this.#report('VIEW-1', `${of} ${name}: the view has ${held.get(name)}, and ${content} was put`);
    for (const name of held.keys())
      if (!expected.has(name)) this.#report('VIEW-1', `${of} ${name}: the view has it, and no committed batch`);
  }
}

function isBehind(one: readonly bigint[], other: readonly bigint[]): boolean {
  const at = one.findIndex((part, place) => part !== other[place]);
  return at >= 0 && one[at]! > other[at]!;
}
