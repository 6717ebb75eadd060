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

async function problemsOfFile(
  source: Extract<EventSource, { readonly kind: 'file' }>,
  { compression, maxRecordBytes }: EventLimits,
): Promise<string[]> {
  const { path, partitionKey } = source;
  let first: Uint8Array | undefined;
  let hasKey = partitionKey === undefined;
  for await (const chunk of readInputFile(source)) {
    for (const { data } of chunk) {
      if (hasKey) break;
      first ??= data;
      hasKey = keyIn(data, partitionKey) !== undefined;
    }
    if (hasKey) break;
  }
  const tooLarge: string[] = [];
  let more = 0;
  for await (const chunk of compressedEvents(readInputFile(source), compression)) {
    for (const event of chunk) {
      const bytes = recordBytes(event);
      if (bytes <= maxRecordBytes) continue;
      if (tooLarge.length === maxLinesTold) more += 1;
      else
        tooLarge.push(
          `--input ${path}, line ${event.line}: ${size(bytes)} with its partition key; ${limit(maxRecordBytes)}`,
        );
    }
  }
  return [
    ...(hasKey || first === undefined ? [] : [noSuchField(partitionKey!, objectIn(first))]),
    ...tooLarge,
    ...(more === 0 ? [] : [`and ${more} more lines that are too large`]),
  ];
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
