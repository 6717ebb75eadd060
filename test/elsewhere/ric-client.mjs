/**
 * The runtime interface client has its four calls to the runtime API in a native module, which takes a minute to compile. These are
 * the same calls by Node's own client; everything else, from loading a handler to the shape of an error, is as it is published.
 */
import http from 'node:http';
import Module from 'node:module';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path: `/2018-06-01/runtime/${path}`, headers, agent });
    request.on('error', reject).on('response', (response) => {
      const chunks = [];
      response
        .on('data', (chunk) => chunks.push(chunk))
        .on('end', () => {
          resolve({ bodyJson: Buffer.concat(chunks).toString('utf8'), headers: response.headers });
        });
    });
    request.end(body);
  });
}

const client = {
  initializeClient() {},
  next: () => call('GET', 'invocation/next'),
  done: (id, body) => void call('POST', `invocation/${id}/response`, body),
  error: (id, body, xray) =>
    void call('POST', `invocation/${id}/error`, body, { 'Lambda-Runtime-Function-XRay-Error-Cause': xray }),
};

const load = Module._load;
Module._load = (request, ...rest) => (request === './rapid-client.node' ? client : load(request, ...rest));
