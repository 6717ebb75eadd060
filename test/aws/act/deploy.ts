/** The steps around the stack. */
import { commands, outputsFile } from '../commands.ts';
import { namesOf } from '../names.ts';
import type { Act } from './world.ts';

export const who: Act = async ({ settings, command }) => {
  const { Account: account } = JSON.parse(await command(commands.who())) as { Account: string };
  if (account !== settings.account)
    throw new Error(`the credentials are those of account ${account}, and --account names ${settings.account}`);
};

/** It would be destroyed at the end. */
export const absent: Act = async ({ settings, command }) => {
  const answer = await command(commands.stackThere(settings)).catch((error: Error) => error);
  if (!(answer instanceof Error))
    throw new Error(`stack ${settings.stack} is there already, and would be destroyed: name another one with --stack`);
  if (!answer.message.includes('does not exist')) throw answer;
};

export const deploy: Act = async ({ settings, command, readFile }, learnt, { signal }) => {
  await command(commands.deploy(settings), signal);
  learnt.names = namesOf(await readFile(outputsFile), settings.stack);
};

export const destroy: Act = async ({ settings, command }) => {
  await command(commands.destroy(settings));
};
