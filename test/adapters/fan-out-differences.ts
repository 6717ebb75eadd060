/**
 * Where the embedded Kinesis (kinesis-local) and the simulated one differ in fan-out and scaling. The simulated one
 * follows what AWS documents. Each is shown by a test.
 */
import type { Difference } from './kinesis-differences.ts';

export const fanOutDifferences = [
  {
    name: 'tags of a registration',
    embedded: 'are dropped; TagResource keeps them',
    simulated: 'are there from the registration on',
    reason: 'not kept by kinesis-local: whoever adopts a consumer by its tag has to set it once more there',
  },
  {
    name: 'consumer that is CREATING',
    embedded: 'can be subscribed with',
    simulated: 'is ResourceInUseException',
    reason: 'not checked by kinesis-local',
  },
  {
    name: 'consumers that are CREATING at once',
    embedded: 'any number',
    simulated: 'five at most, and five registrations a second',
    reason: 'not part of kinesis-local',
  },
  {
    name: 'second subscription',
    embedded: 'is refused for as long as the first is open, and never takes over',
    simulated: 'is refused for five seconds and takes over after that, whether or not the first is open',
    reason: 'kinesis-local knows connections only',
  },
  {
    name: 'end of a shard by fan-out',
    embedded: 'is not told: events without records go on and on',
    simulated: 'comes with the children and without a number to go on from, and the stream ends',
    reason: 'not part of kinesis-local: there, the end of a shard is found by polling',
  },
  {
    name: 'time of events',
    embedded: 'one each second, with what has come by then; the first after a second, and no answer before it',
    simulated: 'within 70 ms of a record, and each second or five where there is none; the answer comes at once',
    reason: 'kinesis-local polls itself',
  },
  {
    name: 'numbers to go on from',
    embedded: 'stay with the last record, or with the start of the shard',
    simulated: 'grow with time, also where no record came, and need not be of a record',
    reason: 'AWS documents that they capture progress even when no data is written',
  },
  {
    name: 'subscription to no shard',
    embedded: 'is opened and has no records',
    simulated: 'is ResourceNotFoundException',
    reason: 'not checked by kinesis-local',
  },
  {
    name: 'pages of consumers',
    embedded: 'there is always a token for another',
    simulated: 'there is one if there are more',
    reason: 'AWS documents the token for more consumers than were listed',
  },
  {
    name: 'far scaling',
    embedded: 'to more than double is InvalidArgumentException; to less than half, and any number of times, is done',
    simulated: 'all three are LimitExceededException',
    reason: 'not checked by kinesis-local; AWS documents the limits, and this exception for limits',
  },
  {
    name: 'widths after scaling',
    embedded: 'shards are split or merged until the count is right',
    simulated: 'all shards have the same width',
    reason: 'AWS documents uniform scaling, with short-lived shards in between',
  },
] as const satisfies readonly Difference[];

export type FanOutDifferenceName = (typeof fanOutDifferences)[number]['name'];
