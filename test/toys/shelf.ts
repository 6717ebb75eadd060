/** A kind of sinks in one file: records lie on a shelf of this process. */
import { readOption, text } from '../../functions/pipeline/option-rules.ts';
import { withIdentity } from '../../functions/sinks/identity-text.ts';
import { defineSink, type SinkDefinition, type SinkKind } from '../../functions/sinks/sink-kind.ts';

export type ShelfSink = SinkDefinition<object> & { readonly kind: 'shelf'; readonly name: string };

export function shelf(name: string): ShelfSink {
  return defineSink<ShelfSink>({ kind: 'shelf', name });
}

const shelves = new Map<string, string[]>();
export const onShelf = (name: string): readonly string[] => shelves.get(name) ?? [];

const nameRule = text('a name of small letters', (value) => /^[a-z]+$/.test(value), 'shelf');

export const shelfKind: SinkKind<{ readonly name: string }> = {
  kind: 'shelf',
  usage: "shelf('name')",
  isForDevelopment: false,
  isStream: false,
  read: ({ name }, { path }, problems) => ({ name: readOption(`${path}.name`, name, nameRule, problems) }),
  destination: ({ name }) => name,
  runsUserCode: () => false,
  encode: (_, value, { defaultKey, identity }) => {
    const data = JSON.stringify(value);
    return {
      partitionKey: defaultKey,
      explicitHashKey: undefined,
      data: identity === undefined ? data : withIdentity(data, 'id', identity),
    };
  },
  bytesOf: ({ data }) => data.length,
  limits: () => ({ always: 100_000, atMost: 100_000, said: 100_000, remedy: 'write less' }),
  takesRetractions: () => true,
  sentAfterSeal: true,
  grants: ({ name }, { partition, region, account }) => [
    {
      sid: 'FillShelf',
      actions: ['dynamodb:PutItem'],
      resources: [`arn:${partition}:dynamodb:${region}:${account}:table/${name}`],
    },
  ],
  open: ({ name }) => ({
    async send(records) {
      shelves.set(name, [...onShelf(name), ...records.map(({ data }) => String(data))]);
      return undefined;
    },
  }),
};
