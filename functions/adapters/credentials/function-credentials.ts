/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of functions. Lambda gives a function its role's
 * credentials in its environment; the SDK's search through profiles, SSO, processes and metadata would be a fifth of each
 * bundle, and find nothing.
 */
import { fromEnv } from 'sluice-environment-credentials';

export const defaultProvider = fromEnv;
