/**
 * Deploys an example with its streams.
 *
 *     npm run synth                                         (offline; writes cdk.out)
 *     npm run synth -- -c pipeline=examples/republish.ts
 *     npm run deploy -- -c sourceShards=4 -c sinkShards=1   (provisioned; on demand otherwise)
 */
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { PipelineStack } from './pipeline-stack.ts';

const app = new App({
  outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  analyticsReporting: false,
  postCliContext: contextOf(process.argv.slice(2)),
  context: {
    // The CDK's command sets these two; `npm run synth` runs without it, and SAM finds a function's code by them.
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:enable-path-metadata': true,
    ...flags,
  },
});

new PipelineStack(app, app.node.tryGetContext('stack') ?? 'Sluice');
app.synth();

/** `-c key=value`, as the CDK's command has it. */
function contextOf(args: string[]): Record<string, string> {
  const { values } = parseArgs({ args, options: { context: { type: 'string', short: 'c', multiple: true } } });
  return Object.fromEntries(
    (values.context ?? []).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`-c takes key=value, not ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
