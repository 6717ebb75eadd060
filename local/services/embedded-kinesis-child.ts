/**
 * Loaded into the embedded Kinesis server's process before the server itself. It makes of a server that listens
 * everywhere and writes its data now and then one that is fit for a developer's machine:
 *
 * 1. It listens on 127.0.0.1 only, on a port that the system chooses, and tells the parent which.
 * 2. It ends when the parent is gone, however that ended: the channel to the parent closes, and the server writes its
 *    data and ends. The parent's last acknowledged record is in it, so a stream never lags behind a checkpoint that was
 *    saved elsewhere.
 * 3. Its data file appears whole or not at all.
 * 4. The file `running` lies beside the data from before the parent's first request until the data was written at the
 *    end. Found later with no such process alive, it says that the data is older than what was acknowledged.
 *
 * The server's own shutdown is not used: it waits half a minute for a client that vanished. Instead the server is told to
 * write once a month, and the timer of that wait fires when the time has come.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import path from 'node:path';

const plainPort = process.env.KINESIS_MOCK_PLAIN_PORT ?? '';
const fixedPort = Number(process.env.SLUICE_KINESIS_PORT ?? '0');
const saveDelayMs = Number(process.env.SLUICE_KINESIS_SAVE_DELAY ?? '0');
const dataDirectory = process.env.SLUICE_KINESIS_DATA;
const dataFile = dataDirectory === undefined ? undefined : path.join(dataDirectory, 'streams.json');
const runningFile = dataDirectory === undefined ? undefined : path.join(dataDirectory, 'running');

/** The server puts a gentler one in its place. */
const exit = process.exit.bind(process);
const servers = new Set<net.Server>();
const sockets = new Set<net.Socket>();
let port: number | undefined;
let save: (() => void) | undefined;
let isStopping = false;

listenOnLoopbackOnly();
if (dataFile !== undefined) {
  holdBackSaving();
  replaceFileWhenComplete(dataFile);
}
endWithParent();

function listenOnLoopbackOnly(): void {
  const listen = net.Server.prototype.listen as (...options: unknown[]) => net.Server;
  net.Server.prototype.listen = function listenLocally(this: net.Server, ...options: unknown[]): net.Server {
    const isPlain = String(options[0]) === plainPort;
    const listener = options.find((option) => typeof option === 'function') as (() => void) | undefined;
    servers.add(this);
    this.on('connection', (socket: net.Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    this.once('listening', () => {
      if (isPlain) port = (this.address() as net.AddressInfo).port;
      offer();
    });
    return listen.call(this, { host: '127.0.0.1', port: isPlain ? fixedPort : 0 }, listener);
  };
}

/** Once it listens and could write. From then on there may be something to lose. */
function offer(): void {
  if (port === undefined || (runningFile !== undefined && save === undefined)) return;
  if (runningFile !== undefined) fs.writeFileSync(runningFile, String(process.pid));
  process.send?.({ port });
}

/** It writes when it starts, then after each wait of a length that nothing else waits. */
function holdBackSaving(): void {
  const start = globalThis.setTimeout;
  const patched = (callback: (...values: unknown[]) => void, delayMs?: number, ...values: unknown[]) => {
    if (delayMs !== saveDelayMs) return start(callback, delayMs, ...values);
    save = () => callback(...values);
    offer();
    return start(() => {}, 0);
  };
  globalThis.setTimeout = Object.assign(patched, start) as typeof setTimeout;
}

function replaceFileWhenComplete(target: string): void {
  const createWriteStream = fs.createWriteStream;
  let writes = 0;
  // The server is CommonJS and looks the function up each time it writes.
  const commonJs = createRequire(import.meta.url)('node:fs') as typeof fs;
  commonJs.createWriteStream = (file, options) => {
    if (path.resolve(String(file)) !== target) return createWriteStream(file, options);
    const draft = `${target}.${writes++}`;
    const stream = createWriteStream(draft, options);
    const replace = (): void => {
      fs.renameSync(draft, target);
      if (isStopping) end();
    };
    // The server removes all listeners, not only its own, when the file is open.
    return stream.on('ready', () => process.nextTick(() => stream.on('finish', replace)));
  };
  syncBuiltinESMExports();
}

function endWithParent(): void {
  // A pipe that nobody reads any more must not stop the data from being written.
  for (const pipe of [process.stdout, process.stderr]) pipe.on('error', () => {});
  const on = process.on.bind(process);
  process.on = ((name: string, listener: () => void) =>
    name === 'SIGTERM' || name === 'SIGINT' ? process : on(name, listener)) as typeof process.on;
  for (const name of ['SIGTERM', 'SIGINT', 'disconnect']) on(name, stop);
}

function stop(): void {
  if (isStopping) return;
  // Before it could write, nobody was told its port.
  if (save === undefined) exit(0);
  isStopping = true;
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  save?.();
}

function end(): void {
  if (runningFile !== undefined) fs.rmSync(runningFile, { force: true });
  exit(0);
}
