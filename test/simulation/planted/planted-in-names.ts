/** Names of shards: of which source a shard is. */
import type { PlantedFault } from './planted-faults.ts';

export const nameFaults: readonly PlantedFault[] = [
  {
    name: 'an-identity-without-its-source',
    edits: [
      {
        file: 'functions/core/emit-event.ts',
        from: 'source: sourceSent,',
        to: "source: '',",
      },
    ],
  },
  {
    name: 'letters-of-two-sources-share-a-key',
    edits: [
      {
        file: 'functions/core/shard-name.ts',
        from: '}: ShardName): string => `${source}#${shardId}`',
        to: '}: ShardName): string => `${source.slice(0, 0)}${shardId}`',
      },
    ],
  },
  {
    name: 'a-checkpoint-without-its-source',
    edits: [
      {
        file: 'functions/core/shard-checkpoint.ts',
        from: '...ofMainSource(shardId),',
        to: "...ofMainSource(shardId),\n  source: '',",
      },
    ],
  },
];
