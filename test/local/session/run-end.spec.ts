/** How the end of a run is told: by the exit code of its kind, and by the server that it is about. */
import { describe, expect, it } from 'vitest';
import { exitOf } from '../../../local/session/run-end.ts';

const places = { kinesisEndpoint: 'http://127.0.0.1:1', dynamodbEndpoint: 'http://127.0.0.1:2' };
const endOf = (error: string, cause: string) => () => exitOf({ kind: 'failed', error, cause }, 'p', places);

describe('a server that hangs is not reachable, by its name,', () => {
  it.each([
    [
      'TimeoutError',
      'seal-batch ran out of time; it waited for DynamoDB.UpdateItem for 5.4 s',
      'DynamoDB at http://127.0.0.1:2',
    ],
    ['TemporaryFailure', 'table t: get HEAD: TimeoutError: no answer', 'DynamoDB at http://127.0.0.1:2'],
    ['TemporaryFailure', 'stream s: read shard-1: TimeoutError: no answer', 'Kinesis at http://127.0.0.1:1'],
    ['AllTasksFailed', "shards can't be read since then", 'Kinesis at http://127.0.0.1:1'],
    ['States.Timeout', 'the task took too long', 'Kinesis at http://127.0.0.1:1, DynamoDB at http://127.0.0.1:2'],
  ])('where the run ended with %s: %s', (error, cause, server) => {
    expect(endOf(error, cause)).toThrow(
      expect.objectContaining({ kind: 'unreachable', message: `${error}: ${cause} (${server})` }),
    );
  });
});

it('another error is a wrong result, and is about no server', () => {
  expect(endOf('TypeError', 'x')).toThrow(expect.objectContaining({ kind: 'wrong-result', message: 'TypeError: x' }));
});
