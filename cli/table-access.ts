/** A pipeline's table as a command reaches it: with the user's own credentials, or those of a server on this machine. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientConfig, createRequestHandler } from '../functions/adapters/aws-client.ts';
import { createHeadStore } from '../functions/adapters/dynamodb/head-store.ts';
import { createReportStore } from '../functions/adapters/dynamodb/report-store.ts';
import { openStorage } from '../functions/adapters/dynamodb/storage.ts';
import { Table } from '../functions/adapters/dynamodb/table.ts';
import type { Head } from '../functions/core/model.ts';
import type { HeadStore } from '../functions/ports/head-store.ts';
import type { Stores } from '../functions/ports/ports.ts';
import { systemClock } from '../functions/steps/runtime.ts';
import { LocalProblem } from '../local/local-problem.ts';
import { localCredentials } from '../local/services/clients.ts';
import { endpointProblem, endpointProblems } from '../local/services/endpoint-url.ts';
import type { Flags } from './flags.ts';
import { textOf } from './option-values.ts';

export const requestTimeoutMs = 10_000;

export async function requireHead(store: HeadStore, pipeline: string): Promise<Head> {
  const head = await store.load();
  if (head === undefined) throw new LocalProblem('usage', `Pipeline ${pipeline} has never run on this table.`);
  return head;
}

/** Whoever only reads learns of a wrong name or table at once. */
export const requireHeadOf = (table: Table, pipeline: string): Promise<Head> =>
  requireHead(createHeadStore(table, pipeline), pipeline);

export function openTable(options: Flags): Table {
  const client = new DynamoDBClient({
    requestHandler: createRequestHandler(requestTimeoutMs),
    ...clientSettings(options),
  });
  return new Table(client, textOf(options, 'table') ?? 'sluice', systemClock);
}

export function openStores(options: Flags, pipeline: string): Pick<Stores, 'head' | 'reports'> {
  const table = openTable(options);
  return {
    head: createHeadStore(table, pipeline),
    reports: createReportStore(openStorage({ table, pipeline, clock: systemClock, newId: randomUUID })),
  };
}

/** Throws a LocalProblem for a server that can't be one. */
export function clientSettings(options: Flags) {
  const profile = textOf(options, 'profile');
  const endpointUrl = textOf(options, 'endpointUrl');
  requireEndpoints(endpointUrl);
  const region = textOf(options, 'region');
  return {
    ...clientConfig({ region, endpointUrl }),
    ...(profile === undefined ? {} : { profile }),
    ...(profile === undefined && isHere(endpointUrl)
      ? { credentials: localCredentials, region: region ?? 'us-east-1' }
      : {}),
  };
}

function requireEndpoints(endpointUrl: string | undefined): void {
  const given = endpointUrl === undefined ? undefined : endpointProblem('--endpoint-url', endpointUrl);
  const problems = [...(given === undefined ? [] : [given]), ...endpointProblems(process.env)];
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
}

/** A server on this machine checks no signature, and nobody's keys are sent to it. */
function isHere(endpointUrl: string | undefined): boolean {
  return endpointUrl !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpointUrl).hostname);
}
