/** `sluice dead-letters export`: all of them, a JSON object on each line. No more is in memory than a page of each partition. */
import { open } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  createDeadLetterReader,
  type DeadLetterReader,
  type LetterFilter,
} from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { letterId } from '../../local/report/letter-text.ts';
import type { Flags } from '../flags.ts';
import { withTable } from '../local-state.ts';
import { requirePipelineName, textOf } from '../option-values.ts';
import { print, say } from '../print.ts';
import { letterFilter, letterObject, type PayloadForm, payloadForm } from './letter-options.ts';
import { UnreadableLetters } from './unreadable-letters.ts';

export async function exportLetters(options: Flags): Promise<void> {
  const name = requirePipelineName(options);
  const filter = letterFilter(options);
  const form = payloadForm(options);
  const output = textOf(options, 'output');
  await withTable(options, async (table) => {
    const reader = createDeadLetterReader(table, name);
    const file = output === undefined ? undefined : await newFile(output);
    const unreadable = new UnreadableLetters();
    let letters = 0;
    async function* lines(): AsyncGenerator<string> {
      for await (const object of exported(reader, filter, { form, unreadable })) {
        yield `${JSON.stringify(object)}\n`;
        letters += 1;
      }
    }
    await pipeline(Readable.from(lines()), file ?? process.stdout, { end: file !== undefined }).catch(orReadNoFurther);
    if (file !== undefined && options.json === true)
      print(JSON.stringify({ pipeline: name, output, deadLetters: letters, unreadable: unreadable.told }));
    else if (file !== undefined) say(`${letters.toLocaleString('en')} dead letters of ${name} are in ${output}.`);
    if (unreadable.count > 0)
      throw new LocalProblem('wrong-result', unreadable.lines(' and are not among those that were written').join('\n'));
  });
}

async function* exported(
  reader: DeadLetterReader,
  filter: LetterFilter,
  { form, unreadable }: { readonly form: PayloadForm; readonly unreadable: UnreadableLetters },
): AsyncGenerator<Record<string, unknown>> {
  for await (const listed of reader.list(filter, unreadable.add)) {
    if (form === 'none') {
      yield { id: letterId(listed), ...listed };
      continue;
    }
    // What has expired since it was listed is not there any more.
    const letter = await reader.load(listed).catch((error: unknown) => unreadable.addOf(error));
    if (letter !== undefined) yield letterObject(letter, form);
  }
}

/** As `head` does, once it has enough. */
function orReadNoFurther(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** One that is there is not overwritten. */
async function newFile(path: string): Promise<Writable> {
  try {
    const handle = await open(path, 'wx');
    return handle.createWriteStream();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already' : message;
    throw new LocalProblem('usage', `--output ${path}: ${why}; name a new file in a folder that is there`);
  }
}
