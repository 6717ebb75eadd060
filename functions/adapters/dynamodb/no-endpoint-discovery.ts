/**
 * Stands in for `@aws-sdk/middleware-endpoint-discovery` in the bundles of functions. The client of DynamoDB reads its options
 * and applies none of it: the endpoint is that of the region, or the one that was given.
 */
const nothing = (): undefined => undefined;

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config;
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: nothing,
  configFileSelector: nothing,
  default: false,
};
