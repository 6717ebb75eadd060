/**
 * In the place of `@smithy/node-http-handler` for steps that subscribe to nothing: all of it but the handler of HTTP/2, which the
 * client of Kinesis names as its default. It is always given another.
 */
export * from 'sluice-http-handlers';

export const NodeHttp2Handler = {
  create<Handler extends { readonly handle?: unknown }>(given: Handler): Handler {
    if (typeof given.handle === 'function') return given;
    throw new Error('this step was bundled without HTTP/2');
  },
};
