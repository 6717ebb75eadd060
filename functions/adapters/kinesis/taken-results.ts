/** Answers of PutRecords that took everything, without the SDK's decoder of results. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { scanAnswers } from './answer-scan.ts';
import { type ScannedResults, scanResults } from './scan-results.ts';

/** Of an answer. */
const allTaken = Symbol('all were taken');

export const scanPutRecords = (client: Pick<KinesisClient, 'middlewareStack'>): void =>
  scanAnswers(client, {
    command: 'PutRecordsCommand',
    inWhole(body) {
      const results = scanResults(body);
      return results && { rest: results.rest, putInto: (answer) => putTaken(answer, results) };
    },
  });

/** Its results are made for who asks. */
function putTaken(answer: object, { taken, results }: ScannedResults): void {
  Object.defineProperty(answer, allTaken, { value: taken });
  Object.defineProperty(answer, 'Records', { get: results, enumerable: true, configurable: true });
}

/** So many records were taken, and that is all of them. Undefined: the answer's results say which ones were. */
export const takenIn = (answer: object): number | undefined => (answer as { readonly [allTaken]?: number })[allTaken];
