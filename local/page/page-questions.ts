/** What the page asks for when somebody wants to see it: dead letters, a payload, the state. Each question is bounded. */
import { SluiceError } from '../../functions/core/errors.ts';
import { letterId, letterPlace } from '../report/letter-text.ts';
import { readable } from '../report/readable-payload.ts';
import type { PageTable } from './page-table.ts';

export type Answers = Pick<PageTable, 'letters' | 'letter' | 'windows' | 'rows'>;
export type Answer = { readonly status: number; readonly body: unknown };

type Question = (asked: URLSearchParams, answers: Answers) => Promise<Answer>;

const mostLetters = 100;
const mostRows = 200;
/** A payload may have 10 MiB. */
const mostPayloadChars = 100_000;

const questions: Readonly<Record<string, Question>> = {
  '/letters': async (asked, answers) => {
    const { letters, hasMore, unreadable } = await answers.letters(
      { reason: asked.get('reason') ?? undefined, shardId: asked.get('shard') ?? undefined },
      mostLetters,
    );
    const told = letters.map((letter) => ({ id: letterId(letter), ...letter }));
    return { status: 200, body: { letters: told, hasMore, unreadable } };
  },
  '/letter': async (asked, answers) => {
    const id = asked.get('id') ?? '';
    const place = letterPlace(id);
    if (place === undefined)
      return wrong(400, `id '${id}': use one of a letter, <source>/<shard>/<sequence number>/<event>`);
    const letter = await answers.letter(place);
    if (letter === undefined)
      return wrong(404, `There is no dead letter ${id}; they expire by the pipeline's \`deadLetterRetention\`.`);
    const { payload, ...rest } = letter;
    if (rest.isWithheld) return { status: 200, body: { id, ...rest, form: 'withheld', text: '', cut: false } };
    const { form, text } = readable(payload);
    const cut = text.length > mostPayloadChars;
    return {
      status: 200,
      body: { id, ...rest, bytes: payload.length, form, text: text.slice(0, mostPayloadChars), cut },
    };
  },
  '/state/windows': async (_, answers) => ({ status: 200, body: await answers.windows() }),
  '/state/rows': async (asked, answers) => {
    const key = asked.get('key');
    return { status: 200, body: await answers.rows(key === null || key === '' ? undefined : keyOf(key), mostRows) };
  },
};

/** Undefined: nothing can be asked there. */
export async function answerOf(path: string, asked: URLSearchParams, answers: Answers): Promise<Answer | undefined> {
  const question = Object.hasOwn(questions, path) ? questions[path] : undefined;
  try {
    return await question?.(asked, answers);
  } catch (error) {
    if (error instanceof SluiceError) return wrong(error.name === 'InvalidInput' ? 400 : 502, error.message);
    return wrong(502, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

const wrong = (status: number, message: string): Answer => ({ status, body: { message } });

/** As `--key` of `sluice state`: JSON, or a text. */
function keyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
