/** What is measured: the options of `npm run bench -- state`. */
import { parseArgs } from 'node:util';

export const modes = ['append', 'update', 'session'] as const;
export type Mode = (typeof modes)[number];

export type Settings = {
  /** Windows of keys that are open, all the time. */
  readonly entries: number;
  /** Key groups. */
  readonly groups: number;
  /** What a batch has events for, from above 0 to 1. */
  readonly touched: number;
  /** Ends of windows that the entries are spread over. */
  readonly windows: number;
  /** Executors, and so blocks, of a batch. */
  readonly tasks: number;
  readonly mode: Mode;
  /** Those that are measured. */
  readonly batches: number;
  /** Large values are chunks of the table, as with `stateBucket: false`. */
  readonly tableOnly: boolean;
  readonly json: boolean;
};

const options = {
  entries: { type: 'string', default: '100000' },
  groups: { type: 'string', default: '1' },
  touched: { type: 'string', default: '0.01' },
  windows: { type: 'string', default: '1' },
  tasks: { type: 'string', default: '1' },
  mode: { type: 'string', default: 'append' },
  batches: { type: 'string', default: '512' },
  'table-only': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** All problems at once, or the settings. */
export function readSettings(flags: readonly string[]): Settings | { readonly problems: readonly string[] } {
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...flags], options, strict: true }));
  } catch (error) {
    return { problems: [(error as Error).message] };
  }
  const problems: string[] = [];
  const whole = (name: 'entries' | 'groups' | 'windows' | 'tasks' | 'batches', least: number, most: number): number => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    problems.push(`--${name} is ${values[name]}; use a whole number from ${least} to ${most}`);
    return least;
  };
  const settings = {
    entries: whole('entries', 1, 20_000_000),
    groups: whole('groups', 1, 40),
    touched: touchedIn(values.touched, problems),
    windows: whole('windows', 1, 10_000),
    tasks: whole('tasks', 1, 40),
    mode: modeIn(values.mode, problems),
    batches: whole('batches', 1, 100_000),
    tableOnly: values['table-only'],
    json: values.json,
  };
  if (settings.mode === 'session' && settings.windows !== 1)
    problems.push(
      `--windows is ${settings.windows}; use 1 with --mode session: each key has one session, with an end of its own`,
    );
  if (settings.windows > settings.entries)
    problems.push(`--windows is ${settings.windows}; use no more than there are entries (${settings.entries})`);
  return problems.length > 0 ? { problems } : settings;
}

function touchedIn(text: string, problems: string[]): number {
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (share > 0 && share <= 1) return share;
  problems.push(`--touched is ${text}; use a share from above 0 to 1, or a percentage, like 0.01 or 1%`);
  return 1;
}

function modeIn(text: string, problems: string[]): Mode {
  const mode = modes.find((known) => known === text);
  if (mode === undefined) problems.push(`--mode is ${text}; use ${modes.join(', ')}`);
  return mode ?? 'append';
}
