import { expect, it } from 'vitest';
import { createLog } from '../../functions/steps/log.ts';

const now = () => Date.UTC(2026, 10, 28);

function written(environment: Record<string, string>, say: (log: ReturnType<typeof createLog>) => void): string {
  let lines = '';
  say(createLog({ environment, now, write: (line) => (lines += line) }));
  return lines;
}
const both = (log: ReturnType<typeof createLog>) => {
  log.info('one', { batchId: 1, left: undefined });
  log.warn('two');
};

it('writes a line of JSON for each entry, with the time, the service and the trace', () => {
  const trace = 'Root=1-6-7;Parent=8;Sampled=1';
  expect(written({ SLUICE_SERVICE: 'departures', _X_AMZN_TRACE_ID: trace }, both)).toBe(
    '{"level":"INFO","message":"one","timestamp":"2026-11-28T00:00:00.000Z","service":"departures","xray_trace_id":"1-6-7","batchId":1}\n' +
      '{"level":"WARN","message":"two","timestamp":"2026-11-28T00:00:00.000Z","service":"departures","xray_trace_id":"1-6-7"}\n',
  );
});

it('is as quiet as it is told to be', () => {
  const messages = (level: string) =>
    [...written({ SLUICE_LOG_LEVEL: level }, both).matchAll(/"message":"(\w+)"/g)].map(([, message]) => message);
  expect(['INFO', '', 'WARN', 'SILENT'].map(messages)).toEqual([['one', 'two'], ['one', 'two'], ['two'], []]);
});

it('does not let fields take the place of its own', () => {
  const line = written({}, (log) => log.info('said', { level: 'none', message: 'other', timestamp: 0 }));
  expect(JSON.parse(line)).toEqual({ level: 'INFO', message: 'said', timestamp: '2026-11-28T00:00:00.000Z' });
});
