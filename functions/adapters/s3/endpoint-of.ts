/** The server of S3 that the environment names, as the SDK reads it: of its own, or of all services. Undefined: AWS. */
export const s3EndpointOf = (environment: Readonly<Record<string, string | undefined>>): string | undefined =>
  environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined;
