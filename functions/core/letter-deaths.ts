/**
 * Executors that died while they took dead letters once more: from a stretch of them that ended a whole function to the one letter that is passed over. Pure.
 *
 *   a thousand, in place ──dies──▶ an eighth of them, in a thread ──dies──▶ … ──▶ one alone ──dies three times──▶ passed over
 *
 * DEATHS-1 What is known is in the head, and of one request: no wait, no other turn and no other execution forgets it.
 * DEATHS-2 Each death has fewer letters taken at once, as far as it had come, until one is alone: so an executor dies of one letter seven times at most.
 * DEATHS-3 A letter that is passed over is neither loaded nor given to user code, and stays as it is: nothing that lies in it can keep the pipeline up.
 * DEATHS-4 Of so many letters executors may die: then it is the code, and the request ends where it stands.
 */
export type LetterDeaths = {
  readonly request: string;
  /** Before this letter is the one that is to blame: up to there, so many are taken at a time. */
  readonly before: number;
  readonly most: number;
  /** An executor had this one alone, and died, so often. */
  readonly alone?: { readonly at: number; readonly deaths: number };
  /** All of the request. */
  readonly deaths: number;
  /** Epoch milliseconds: when the last one was told. */
  readonly diedAt: number;
};

type Stretch = { readonly request: string; readonly from: number; readonly through: number };

export const lettersPerBatch = 1_000;
const narrower = 8;
/** DEATHS-2 */
const deathsAlone = 3;
/** DEATHS-4 */
export const mostDeadlyLetters = 10;

/** Behind a turn: `died` are the letters that its executor had, if it died. Undefined: nothing is known of letters that are still to be taken. */
export function letterDeathsAfter(
  before: LetterDeaths | undefined,
  open: { readonly request: string } | undefined,
  died: Stretch | undefined,
  now: number,
): LetterDeaths | undefined {
  const known = before !== undefined && before.request === open?.request ? before : undefined;
  if (died === undefined || died.request !== open?.request) return known;
  const { request, from, through } = died;
  const told = { request, before: through, deaths: (known?.deaths ?? 0) + 1, diedAt: now };
  if (through - from > 1) return { ...told, most: Math.ceil((through - from) / narrower) };
  const deaths = known?.alone?.at === from ? known.alone.deaths + 1 : 1;
  return { ...told, most: 1, alone: { at: from, deaths } };
}

/** How the letters from this one on are taken. */
export function stretchFrom(
  { from, count }: { readonly from: number; readonly count: number },
  deaths: LetterDeaths | undefined,
): { readonly through: number; readonly passesOver: boolean } {
  const passesOver = deaths?.alone?.at === from && deaths.alone.deaths >= deathsAlone;
  const most = deaths !== undefined && from < deaths.before ? deaths.most : lettersPerBatch;
  return { through: passesOver ? from + 1 : Math.min(count, from + most), passesOver };
}
