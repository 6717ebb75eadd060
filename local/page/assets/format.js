/** Values as people read them. */
export const number = (value) => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });

export function duration(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} days`;
}

export function bytes(value) {
  const steps = ['B', 'KB', 'MB', 'GB'];
  let step = 0;
  let size = value;
  for (; size >= 1_000 && step < steps.length - 1; step++) size /= 1_000;
  return `${number(size)} ${steps[step]}`;
}

export const time = (at) => new Date(at).toLocaleTimeString('en-GB');
export const ago = (at) => (Date.now() - at < 1_500 ? 'now' : `${duration(Date.now() - at)} ago`);

const byUnit = {
  'per second': (value) => `${number(value)}/s`,
  'bytes per second': (value) => `${bytes(value)}/s`,
  ms: duration,
  count: number,
  dollars: (value) => `$${value < 1 ? Number(value.toPrecision(2)) : value.toFixed(2)}`,
};

export const shownIn = (unit, value) => (value === null || value === undefined ? '–' : byUnit[unit](value));
