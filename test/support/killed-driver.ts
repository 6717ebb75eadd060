/** A driver in a process of its own that kills itself, with SIGKILL, at one write: see test/loop/killed-driver.http.ts. */
import { departuresPipeline } from './departures-case.ts';
import { afterWrite } from './faults.ts';
import { runToEnd, runtimeOf, type World } from './world.ts';

const settings = JSON.parse(process.argv[2]!) as {
  readonly kinesis: string;
  readonly dynamodb: string;
  readonly name: string;
  readonly streams: { readonly source: string; readonly sink: string };
  readonly method: string;
  /** Which of its calls is the last thing this process does. */
  readonly call: number;
};

const noStop = async () => {};
const world = {
  kinesis: { endpoint: settings.kinesis, stop: noStop },
  dynamodb: { endpoint: settings.dynamodb, stop: noStop },
  stop: noStop,
} as unknown as World;

let calls = 0;
await runToEnd(
  runtimeOf(world, departuresPipeline(settings.name, settings.streams, { maxFetchRecordsPerShard: 10 })),
  { untilCaughtUp: true, closeWindows: true },
  {
    portsFor: (_, ports) =>
      afterWrite(ports, (method) => {
        if (method === settings.method && ++calls === settings.call) process.kill(process.pid, 'SIGKILL');
      }),
  },
);
