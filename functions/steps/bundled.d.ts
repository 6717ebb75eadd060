/** What the bundler gives to the handlers: see infra/bundle-step.ts. */

/** The user's pipeline file. */
declare module 'sluice-pipeline' {
  const definition: import('../pipeline/definition.ts').PipelineDefinition;
  export default definition;
}

/** Who assumes the roles of a pipeline's streams: `assumed-role.ts`, or `no-roles.ts` where it has none. */
declare module 'sluice-roles' {
  export const createRoleKeeper: typeof import('../adapters/credentials/assumed-role.ts').createRoleKeeper;
}

/** Of steps that run no user code: what they know of the pipeline. */
declare const SLUICE_OUTLINE: import('../pipeline/outline.ts').BundledOutline;
