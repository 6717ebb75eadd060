/** What is wrong with events is said before the first of them is published: a run never ends in the middle over it. */
import { base, en, Faker } from '@faker-js/faker';
import type { Compression } from '../../functions/pipeline/compression.ts';
import { LocalProblem } from '../local-problem.ts';
import { compressedEvents } from './compressed-events.ts';
import { render } from './event-template.ts';
import { keyIn, objectIn, readInputFile } from './input-file.ts';
import type { EventSource } from './publish-source.ts';
import { recordBytes } from './publisher.ts';

export type EventLimits = {
  readonly compression: Compression;
  /** Of the stream; data and partition key together. */
  readonly maxRecordBytes: number;
};

const maxLinesTold = 5;
const templatesTried = 50;
const maxFieldsTold = 12;

export async function checkEvents(source: EventSource, limits: EventLimits): Promise<void> {
  const problems = source.kind === 'file' ? await problemsOfFile(source, limits) : problemsOfTemplate(source);
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
}

type FileSource = Extract<EventSource, { readonly kind: 'file' }>;

async function problemsOfFile(source: FileSource, limits: EventLimits): Promise<string[]> {
  return [...(await problemsOfKey(source)), ...(await problemsOfSize(source, limits))];
}

/** No further than to the first event that has one. */
async function problemsOfKey(source: FileSource): Promise<string[]> {
  const { partitionKey } = source;
  if (partitionKey === undefined) return [];
  let first: Uint8Array | undefined;
  for await (const chunk of readInputFile(source)) {
    first ??= chunk[0]?.data;
    if (chunk.some(({ data }) => keyIn(data, partitionKey) !== undefined)) return [];
  }
  return first === undefined ? [] : [noSuchField(partitionKey, objectIn(first))];
}

async function problemsOfSize(source: FileSource, { compression, maxRecordBytes }: EventLimits): Promise<string[]> {
  const tooLarge: string[] = [];
  let more = 0;
  for await (const chunk of compressedEvents(readInputFile(source), compression)) {
    for (const event of chunk) {
      const bytes = recordBytes(event);
      if (bytes <= maxRecordBytes) continue;
      const problem = `--input ${source.path}, line ${event.line}: ${size(bytes)} with its partition key`;
      if (tooLarge.length === maxLinesTold) more += 1;
      else tooLarge.push(`${problem}; ${limit(maxRecordBytes)}`);
    }
  }
  return more === 0 ? tooLarge : [...tooLarge, `and ${more} more lines that are too large`];
}

function problemsOfTemplate({ template, partitionKey }: Extract<EventSource, { readonly kind: 'template' }>): string[] {
  if (partitionKey === undefined) return [];
  const faker = new Faker({ locale: [en, base] });
  const events = Array.from({ length: templatesTried }, () =>
    Buffer.from(render(template, { faker, now: new Date() })),
  );
  if (events.some((event) => keyIn(event, partitionKey) !== undefined)) return [];
  return [noSuchField(partitionKey, objectIn(events[0]!))];
}

function noSuchField(field: string, event: Readonly<Record<string, unknown>> | undefined): string {
  const names = Object.keys(event ?? {});
  const shown = names.slice(0, maxFieldsTold).join(', ');
  const has =
    names.length === 0
      ? 'the first is no JSON object'
      : `the first has ${shown}${names.length > maxFieldsTold ? ', …' : ''}`;
  return `--partition-key ${field}: no event has a text, a number or a boolean there; ${has}`;
}

const size = (bytes: number): string => `${bytes.toLocaleString('en')} bytes`;
const limit = (bytes: number): string => `the stream takes records of ${bytes.toLocaleString('en')}`;
