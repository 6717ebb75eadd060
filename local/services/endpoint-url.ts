/** Servers in the place of those of AWS, as an option or the environment names them. */

/** Of services that commands call. An SDK's client would tell of a wrong one late, and not which it is. */
const variables = ['', '_DYNAMODB', '_KINESIS', '_LAMBDA', '_S3', '_SFN', '_STS'].map((of) => `AWS_ENDPOINT_URL${of}`);

/** What is wrong with the server that `name` has, if something is. */
export function endpointProblem(name: string, value: string): string | undefined {
  const isUrl = URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
  return isUrl ? undefined : `${name} ${value}: use a URL such as http://127.0.0.1:4567`;
}

export const endpointProblems = (environment: Readonly<Record<string, string | undefined>>): readonly string[] =>
  variables.flatMap((name) => {
    const value = environment[name];
    return value ? (endpointProblem(name, value) ?? []) : [];
  });
