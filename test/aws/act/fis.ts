/** An experiment of AWS FIS, from its template to its end. */
import { commands } from '../commands.ts';
import { experimentTemplate, rolesOf, type StackResource } from '../fis.ts';
import { until } from './until.ts';
import type { Act } from './world.ts';

const over = new Set(['completed', 'stopped', 'failed', 'cancelled']);

type State = { readonly status: string; readonly reason?: string };

export const fis: Act = async ({ settings, command, pause }, learnt, { signal }) => {
  const { StackResources: found } = JSON.parse(await command(commands.resources(settings))) as {
    StackResources: StackResource[];
  };
  const template = experimentTemplate(settings, rolesOf(found, settings.account));
  const made = JSON.parse(await command(commands.createExperiment(template)));
  learnt.template = made.experimentTemplate.id as string;
  const started = JSON.parse(await command(commands.startExperiment(learnt.template)));
  const id = started.experiment.id as string;
  learnt.experiment = id;
  const { status, reason } = await until(
    async () => {
      const { state } = JSON.parse(await command(commands.experiment(id))).experiment as { state: State };
      return over.has(state.status) ? state : undefined;
    },
    { what: `experiment ${id} has ended`, pause, signal },
  );
  delete learnt.experiment;
  if (status !== 'completed') throw new Error(`the experiment is ${status}: ${reason}`);
};

/** One that runs yet is stopped first. */
export const endFis: Act = async ({ command }, { template, experiment }) => {
  if (experiment !== undefined) await command(commands.stopExperiment(experiment));
  if (template !== undefined) await command(commands.deleteExperiment(template));
};
