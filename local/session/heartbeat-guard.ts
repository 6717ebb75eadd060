/** The other process of `startHeartbeat`: hears beats, names of steps and Ctrl-C; ends with its parent. */
const silenceMs = 5_000;
const tickMs = 250;

const underWay: string[] = [];
let silentMs = 0;
let isTold = false;
let isAsked = false;
let lastTick = Date.now();

const say = (text: string): void => void process.stderr.write(`${text}\n`);

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  silentMs = 0;
  isTold = false;
  isAsked = false;
  for (const line of text.split('\n')) hear(line);
});
process.stdin.on('end', () => process.exit());
process.on('SIGINT', () => {
  isAsked = true;
});
// The parent decides: this ends with it.
process.on('SIGTERM', () => {});

setInterval(() => {
  const now = Date.now();
  // No longer than two ticks: after a stop of both processes nobody was silent.
  silentMs += Math.min(now - lastTick, 2 * tickMs);
  lastTick = now;
  if (silentMs < silenceMs) return;
  if (isAsked) end();
  if (!isTold) say(`No callback has returned for ${silenceMs / 1000} s${doing()}. Ctrl-C ends the run.`);
  isTold = true;
}, tickMs);

function hear(line: string): void {
  const name = line.slice(1);
  if (line.startsWith('+')) underWay.push(name);
  const at = underWay.indexOf(name);
  if (line.startsWith('-') && at >= 0) underWay.splice(at, 1);
}

function end(): never {
  say(`Ended${doing()}: a callback did not return. The next run goes on from the last committed batch.`);
  process.kill(process.ppid, 'SIGKILL');
  process.exit();
}

function doing(): string {
  return underWay.length === 0 ? '' : ` in ${[...new Set(underWay)].join(', ')}`;
}
