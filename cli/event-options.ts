/** Options of commands that publish events, behind those that say where the events come from. */
import type { Command } from 'commander';

export const withEvents = (command: Command): Command =>
  command
    .option(
      '--partition-key <field>',
      'field of each event that is its partition key (default: another one for each event)',
    )
    .option('--rate <events/s>', 'with --generate (default: 100)')
    .option('--for <seconds>', 'with --generate: end after this time')
    .option('--count <n>', 'with --generate: end after so many events');
