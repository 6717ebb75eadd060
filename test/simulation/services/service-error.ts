/** An error as an AWS service answers it: the SDK's clients throw one of this shape. */
export class ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(name: string, message: string, httpStatusCode = 400) {
    // Nobody looks where a service failed, and a narrow sink refuses by the thousand.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}
