/** `--page-port`, of the commands that serve the page. */
import type { Flags } from './flags.ts';
import { wholeNumber } from './option-values.ts';

export const pagePort = [
  '--page-port <port>',
  'where the page is served (default: 4600, or any if that is taken; 0: any)',
] as const;

export const readPagePort = (options: Flags, problems: string[]): number | undefined =>
  wholeNumber('page-port', options, problems, { upTo: 65_535, flag: 'pagePort' });
