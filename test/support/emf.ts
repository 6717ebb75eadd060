/**
 * Documents of the embedded metric format, checked against its specification: "Specification: Embedded metric format" of the CloudWatch user guide
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html), member by
 * member, and against the names and units that PutMetricData takes.
 */
const mostBytes = 262_144;
const units = new Set(
  [
    ...['Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'],
    ...['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits', 'Percent', 'Count', 'None'],
  ].flatMap((unit) => (/bytes|bits|Count/i.test(unit) ? [unit, `${unit}/Second`] : [unit])),
);

type Members = Readonly<Record<string, unknown>>;
type Directive = {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
};

/** What CloudWatch makes of it. */
export type EmfMetric = {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: number;
};
export type ReadEmf = {
  readonly problems: readonly string[];
  readonly metrics: readonly EmfMetric[];
  readonly members: Members;
};

/** A line of a log. */
export function readEmf(line: string): ReadEmf {
  const problems: string[] = [];
  const must = (isSo: boolean, problem: string): boolean => {
    if (!isSo) problems.push(problem);
    return isSo;
  };
  const members = membersOf(line, must);
  const metadata = members._aws as { Timestamp?: unknown; CloudWatchMetrics?: unknown } | undefined;
  if (!must(isObject(metadata), 'the root has no object _aws')) return { problems, metrics: [], members };
  const { Timestamp: at, CloudWatchMetrics: directives } = metadata!;
  must(Number.isSafeInteger(at) && Number(at) >= 0, `Timestamp is ${at}, no milliseconds since 1970`);
  if (!must(Array.isArray(directives) && directives.length > 0, 'CloudWatchMetrics is no list of directives'))
    return { problems, metrics: [], members };
  const metrics = (directives as readonly Directive[]).flatMap((directive) => {
    checkDirective(directive, members, must);
    return metricsOf(directive, members, Number(at));
  });
  return { problems, metrics, members };
}

type Must = (isSo: boolean, problem: string) => boolean;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function membersOf(line: string, must: Must): Members {
  must(Buffer.byteLength(line) <= mostBytes, `the document has more than ${mostBytes} bytes`);
  must(!line.includes('\n'), 'the document has more than one line');
  try {
    const root: unknown = JSON.parse(line);
    return must(isObject(root), 'the root is no object') ? (root as Members) : {};
  } catch {
    must(false, 'the line is no JSON');
    return {};
  }
}

function checkDirective({ Namespace, Dimensions, Metrics }: Directive, members: Members, must: Must): void {
  must(isText(Namespace, 1024) && !Namespace.startsWith('AWS/'), `the namespace is ${Namespace}`);
  must(Array.isArray(Dimensions) && Dimensions.length > 0, 'there is no set of dimensions');
  for (const set of Dimensions) {
    must(set.length <= 30, `a set has ${set.length} dimensions`);
    must(new Set(set).size === set.length, `dimensions come twice: ${set}`);
    for (const name of set) {
      must(isText(name, 250) && !name.startsWith(':'), `a dimension is called ${name}`);
      const value = members[name];
      must(isText(value, 1024) && isAscii(value) && value.trim() !== '', `the dimension ${name} is ${value}`);
    }
  }
  must(Metrics.length > 0 && Metrics.length <= 100, `there are ${Metrics.length} metrics`);
  const names = Metrics.map(({ Name }) => Name);
  must(new Set(names).size === names.length, `metrics come twice: ${names}`);
  for (const metric of Metrics) {
    const { Name, Unit = 'None', ...rest } = metric;
    must(isText(Name, 1024), `a metric is called ${Name}`);
    must(units.has(Unit), `the unit of ${Name} is ${Unit}`);
    must(
      Object.keys(rest).every((name) => name === 'StorageResolution'),
      `${Name} has ${Object.keys(rest)}`,
    );
    const value = members[Name];
    const values = Array.isArray(value) ? value : [value];
    must(values.length > 0 && values.length <= 100, `${Name} has ${values.length} values`);
    must(values.every(Number.isFinite), `${Name} is ${value}`);
  }
}

const metricsOf = ({ Namespace, Dimensions, Metrics }: Directive, members: Members, at: number): EmfMetric[] =>
  Dimensions.flatMap((set) =>
    Metrics.map(({ Name, Unit = 'None' }) => ({
      ...{ namespace: Namespace, name: Name, unit: Unit, at },
      dimensions: Object.fromEntries(set.map((name) => [name, String(members[name])])),
      value: Number(members[Name]),
    })),
  );

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= most;
const isAscii = (text: string): boolean => [...text].every((character) => character >= ' ' && character <= '~');
