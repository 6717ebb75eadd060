/** The user's pipeline file: bundled into each function under this name. */
declare module 'sluice-pipeline' {
  const definition: import('../pipeline/definition.ts').PipelineDefinition;
  export default definition;
}
