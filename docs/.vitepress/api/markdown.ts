/** Pages of the reference, made of what the package exports. */
import { anchorOf } from '../navigation.ts';
import { exportsIn, type Group, groupOf } from './groups.ts';
import type { Docs, Exported, Member } from './read-api.ts';

/** What pages link to beside each other. */
export type Known = {
  readonly exports: readonly Exported[];
  /** Of a page of docs/, by its path: what it is called. Undefined: there is none. */
  titleOf(path: string): string | undefined;
  /** Names that the page of errors has. */
  readonly errors: ReadonlySet<string>;
};

export function pageOf(group: Group, known: Known): string {
  const place = { page: group.page, known };
  const parts = exportsIn(group, known.exports).flatMap((each) => exportedParts(each, place));
  return `${[`# ${group.title}`, group.about, ...parts].join('\n\n')}\n`;
}

/** Addresses by name: of what is exported, and of each step, with a dot before it or without, the first stage that has it. */
export function addressesOf(exports: readonly Exported[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const each of exports) {
    const page = `/docs/api/${groupOf(each).page}.md`;
    found.set(each.name, `${page}#${each.name}`);
  }
  for (const each of stages(exports))
    for (const { name } of each.members.filter(isStep))
      for (const called of [`.${name}`, name])
        if (!found.has(called)) found.set(called, `/docs/api/${groupOf(each).page}.md#${each.name}-${name}`);
  return found;
}

/** What a group has to call, as it is called; steps of the chain in their order. */
export function calledIn(group: Group, exports: readonly Exported[]): readonly string[] {
  const own = exportsIn(group, exports);
  const steps = stages(own).flatMap(({ members }) => members.filter(isStep).map(({ name }) => `.${name}()`));
  const others = own.filter(({ kind }) => kind !== 'type');
  return [...others.map(({ name, kind }) => `${kind === 'class' ? 'new ' : ''}${name}()`), ...new Set(steps)];
}

/** As a pipeline goes through them. */
const stageNames = [
  ...['PipelineStart', 'SourceStage', 'EventStage', 'TimedEventStage', 'DistinctStage'],
  ...['GroupedStage', 'WindowedStage', 'RowStage', 'WrittenPipeline'],
];
const stages = (exports: readonly Exported[]): readonly Exported[] =>
  stageNames.flatMap((name) => exports.find((each) => each.name === name) ?? []);

type Place = { readonly page: string; readonly known: Known };

/** Those that have an example stand for themselves. */
const isStep = ({ tags, overloads }: Member): boolean =>
  overloads.length > 0 || tags.some(({ name }) => name === 'example');

/** Not a field with a function in it. */
const isMethod = ({ type }: Member): boolean => /^[<(]/.test(type) && !type.includes(' => ');

function exportedParts(each: Exported, place: Place): string[] {
  const { name, kind, signatures, members, overloads } = each;
  const from = each.from.map((entry) => `\`${entry}\``).join(', ');
  const plain = members.filter((member) => !isStep(member));
  const fields = [...plain.filter((member) => !isMethod(member)), ...plain.filter(isMethod)];
  const described = overloads.length > 0 ? overloads.map((docs) => docsParts(docs, place)) : [docsParts(each, place)];
  return [
    `## ${name}${kind === 'function' ? '()' : ''} {#${name}}`,
    ...(from === '`kinesis-sluice`' ? [] : [`From ${from}.`]),
    ...signatures.map((text) => fence(text)),
    ...described.flat(),
    ...(fields.length > 0 ? [fields.map((field) => fieldItem(field, place)).join('\n')] : []),
    ...seeAlso(each, place),
    ...members.filter(isStep).flatMap((member) => stepParts(name, member, place)),
  ];
}

function stepParts(owner: string, member: Member, place: Place): string[] {
  const { name, type, overloads } = member;
  // Of several ways to call it each says what it does; the step itself repeats one of them.
  const others = overloads.filter(({ text }) => text !== member.text).flatMap((docs) => docsParts(docs, place));
  return [
    `### ${owner}.${name} {#${owner}-${name}}`,
    fence(isMethod(member) ? `${name}${type}` : `${name}: ${type}`),
    ...docsParts(member, place),
    ...others,
  ];
}

const fence = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``;

function docsParts({ text, tags }: Docs, place: Place): string[] {
  const tagged = (name: string): string[] => tags.filter((tag) => tag.name === name).map((tag) => tag.text.trim());
  const params = tagged('param').map((param) => `- ${param.replace(/^(\w+)\s*/, '`$1`: ')}`);
  const thrown = tagged('throws').map((each) => `- ${thrownText(each.replaceAll(/\s+/g, ' '), place)}`);
  return [
    ...(text.trim() === '' ? [] : [linked(text.trim(), place)]),
    ...tagged('default').map((fallback) => `Default: ${fallback}`),
    ...(params.length > 0 ? [params.join('\n')] : []),
    ...(thrown.length > 0 ? [`Throws:\n\n${linked(thrown.join('\n'), place)}`] : []),
    ...tagged('example'),
  ];
}

const thrownText = (text: string, { known }: Place): string =>
  text.replace(/^`(\w+)`/, (code, name) =>
    known.errors.has(name) ? `[${code}](../reference/errors.md#${anchorOf(name)})` : code,
  );

function fieldItem({ name, isOptional, type, text, tags, members }: Member, place: Place, indent = ''): string {
  const fallback = tags.find((tag) => tag.name === 'default')?.text.replaceAll(/\s+/g, ' ');
  const said = `${text.replaceAll(/\s+/g, ' ').trim()}${fallback === undefined ? '' : ` Default: ${fallback}`}`;
  const own = `${indent}- **\`${name}${isOptional ? '?' : ''}\`** \`${oneLine(type, members.length > 0)}\`<br>${linked(said, place)}`;
  return [own, ...members.map((member) => fieldItem(member, place, `${indent}  `))].join('\n');
}

/** Of a type whose members are told apart, what is around them. */
function oneLine(type: string, areMembersTold: boolean): string {
  const text = areMembersTold ? type.replaceAll(/\{(?:[^{}]|\{[^{}]*\})*\}/g, '{ … }') : type;
  return text
    .replaceAll(/\s+/g, ' ')
    .replace(/^\| /, '')
    .replace(/ \| undefined$/, '')
    .replaceAll('`', "'");
}

/** `{@link Name}`, and pages by their paths. */
function linked(text: string, place: Place): string {
  return text
    .replaceAll(/\{@link\s+([\w.]+)\s*\}/g, (_, name: string) => linkTo(name, place))
    .replaceAll(/(?<![`\w/(])docs\/([\w/-]+\.md)(?:#[\w-]+)?/g, (path, page: string) => {
      const title = place.known.titleOf(path.replace(/#.*/, ''));
      if (title === undefined) throw new Error(`a docstring names ${path}, which is no page`);
      return `[${title}](../${page}${/#.*/.exec(path)?.[0] ?? ''})`;
    });
}

function linkTo(name: string, { page, known }: Place): string {
  const [owner = '', member] = name.split('.');
  const target = known.exports.find((each) => each.name === owner);
  if (target === undefined || (member !== undefined && !target.members.some((each) => each.name === member)))
    throw new Error(`a docstring links to ${name}, which the package does not export`);
  const file = groupOf(target).page;
  const step = target.members.find((each) => each.name === member && isStep(each));
  return `[\`${name}\`](${file === page ? '' : `${file}.md`}#${owner}${step === undefined ? '' : `-${member}`})`;
}

/** Types that its signatures and members name. */
function seeAlso(each: Exported, place: Place): string[] {
  const texts = [...each.signatures, ...each.behind, ...each.members.map(({ type }) => type)].join('\n');
  const words = new Set(texts.match(/\b[A-Z]\w+\b/g) ?? []);
  const names = place.known.exports.map(({ name }) => name).filter((name) => words.has(name) && name !== each.name);
  return names.length === 0 ? [] : [`See also: ${[...new Set(names)].map((name) => linkTo(name, place)).join(', ')}`];
}
