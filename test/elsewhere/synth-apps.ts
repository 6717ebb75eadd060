/**
 * Synthesises stacks of many kinds into a folder, without bundles: `node --conditions=sluice-source test/elsewhere/synth-apps.ts <folder>`.
 * What judges templates reads them there.
 */
import { App, Stack } from 'aws-cdk-lib';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { templateCases } from '../infra/template-cases.ts';

const outdir = process.argv[2];
if (outdir === undefined) throw new Error('name a folder to write to');

const context = { ...flags, 'aws:cdk:bundling-stacks': [] };
const app = new App({ outdir, context, analyticsReporting: false });
for (const [name, make] of Object.entries(templateCases)) make(new Stack(app, name));
app.synth();
