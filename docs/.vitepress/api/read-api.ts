/** What the package exports, as values: signatures as they stand in the source, docstrings, and members. */
import path from 'node:path';
import {
  type Checker,
  type Symbol as CompilerSymbol,
  type Project,
  SymbolFlags,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync';
import { compile, exportsOf, has, isAbsent, isList, isOwn, isPrivate, namelessIn, root, typeOf } from './compiler.ts';

export type Docs = {
  readonly text: string;
  readonly tags: readonly { readonly name: string; readonly text: string }[];
};

export type Member = Docs & {
  readonly name: string;
  readonly isOptional: boolean;
  /** As it stands in the source: a type, or of a method what follows its name. */
  readonly type: string;
  /** Of a step that can be called in several ways. */
  readonly overloads: readonly Docs[];
  readonly members: readonly Member[];
};

export type Exported = Docs & {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'type';
  /** From which entries it is imported, such as `kinesis-sluice/cdk`. */
  readonly from: readonly string[];
  /** The file that it is declared in, from the root of the repository. */
  readonly file: string;
  /** Empty: its members say it all. */
  readonly signatures: readonly string[];
  /** Of a function with several signatures. */
  readonly overloads: readonly Docs[];
  /** Types of the same file that the signatures name and the package does not export, as they stand there. */
  readonly behind: readonly string[];
  readonly members: readonly Member[];
};

const entries = {
  'kinesis-sluice': 'functions/index.ts',
  'kinesis-sluice/cdk': 'infra/index.ts',
  'kinesis-sluice/state': 'functions/state.ts',
  'kinesis-sluice/protobuf': 'functions/protobuf.ts',
} as const;

export function readApi(): readonly Exported[] {
  const { project, close } = compile({}, Object.values(entries));
  try {
    const found = new Map<string, Exported>();
    for (const [entry, file] of Object.entries(entries))
      for (const symbol of exportsOf(file, project)) {
        const read = exportedOf(symbol, entry, project);
        const known = found.get(`${read.file} ${read.name}`);
        found.set(`${read.file} ${read.name}`, known === undefined ? read : { ...read, from: [...known.from, entry] });
      }
    return [...found.values()];
  } finally {
    close();
  }
}

function exportedOf(symbol: CompilerSymbol, entry: string, project: Project): Exported {
  const { checker } = project;
  const nodes = symbol.declarations.map((declaration) => declaration.resolve()!);
  const texts = nodes.map((node) => node.getText());
  const shared = {
    ...docsOf(symbol, checker),
    name: symbol.name,
    from: [entry],
    file: path.relative(root, symbol.declarations[0]!.path),
  };
  const isClass = has(symbol, SymbolFlags.Class);
  const behind = typesBehind(texts.join('\n'), nodes[0]!.getSourceFile().text);
  if (has(symbol, SymbolFlags.Function)) {
    // What stands behind several signatures is none of them.
    const called = texts.length > 1 ? texts.filter((text) => text.endsWith(';')) : texts;
    const overloads =
      called.length > 1 ? nodes.slice(0, called.length).map((node) => docsAbove(node.getFullText())) : [];
    return { ...shared, kind: 'function', signatures: called.map(withoutBody), overloads, behind, members: [] };
  }
  const members = membersOf(typeOf(symbol, checker), project);
  if (isClass)
    return { ...shared, kind: 'class', signatures: [construction(texts[0]!)], overloads: [], behind, members };
  const saysAll = /^export interface|^export type \w+(<[\s\S]*?>)? = (\w[^;{]*& )?\{/.test(texts[0]!);
  const signatures = saysAll && members.length > 0 ? [] : texts.map((text) => withoutExport(withoutComments(text)));
  return { ...shared, kind: 'type', signatures, overloads: [], behind, members };
}

/** How one is made. */
function construction(text: string): string {
  const [, name] = /class (\w+)/.exec(text)!;
  const [, parameters = ''] = /\n {2}constructor\(([^)]*)\)/.exec(text) ?? [];
  return `new ${name}(${parameters.replaceAll(/readonly /g, '')})`;
}

function typesBehind(text: string, source: string): string[] {
  const names = new Set(text.match(/\b[A-Z]\w+\b/g) ?? []);
  return [...names].flatMap((name) => new RegExp(`\n(?:export )?type ${name}\\b[^;]*;`).exec(source) ?? []);
}

const docsOf = (symbol: CompilerSymbol, checker: Checker): Docs => ({
  text: symbol.getDocumentationComment(checker),
  tags: symbol.getJsDocTags(checker).map(({ name, text }) => ({ name, text: text ?? '' })),
});

/** The compiler gives those of several signatures as one. */
function docsAbove(text: string): Docs {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const [docs = '', ...tags] = comment.replaceAll(/^\s*\* ?/gm, '').split(/^@/m);
  return {
    text: docs.trim(),
    tags: tags.map((tag) => {
      const [, name = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag)!;
      return { name, text: rest.trim() };
    }),
  };
}

function membersOf(type: Type | undefined, project: Project): Member[] {
  const { checker } = project;
  if (type === undefined) return [];
  if (type.isUnionType()) return once((type.getTypes() ?? []).flatMap((part) => membersOf(part, project)));
  if (isList(type)) return checker.getTypeArguments(type as TypeReference).flatMap((each) => nestedIn(each, project));
  return [
    ...checker.getPropertiesOfType(type).flatMap((symbol) => memberOf(symbol, project)),
    ...checker.getIndexInfosOfType(type).flatMap(({ valueType }) => nestedIn(valueType, project)),
  ];
}

const nestedIn = (type: Type, project: Project): Member[] =>
  once(namelessIn(type).flatMap((part) => membersOf(part, project)));

/** Of the sides of a union. */
const once = (members: readonly Member[]): Member[] =>
  [...new Map(members.toReversed().map((member) => [member.name, member])).values()].toReversed();

function memberOf(symbol: CompilerSymbol, project: Project): Member[] {
  const type = project.checker.getTypeOfSymbol(symbol)!;
  if (!isOwn(symbol) || isPrivate(symbol) || isAbsent(type) || symbol.name.startsWith('~')) return [];
  const text = symbol.declarations[0]!.resolve()!.getText();
  if (/^(protected|static)\b/.test(text)) return [];
  return [
    {
      ...docsOf(symbol, project.checker),
      name: symbol.name,
      isOptional: has(symbol, SymbolFlags.Optional),
      type: typeIn(text, symbol.name),
      overloads: [...text.matchAll(/\/\*\*[\s\S]*?\*\/(?=\n\s*[<(])/g)].map(([comment]) => docsAbove(comment)),
      members: nestedIn(type, project),
    },
  ];
}

/** What stands behind the name of a field or of a method. */
function typeIn(text: string, name: string): string {
  const code = withoutBody(withoutComments(text));
  const at = code.indexOf(name) + name.length;
  const behind = code
    .slice(at)
    .replace(/^\??(: ?)?/, '')
    .replace(/;$/, '')
    .trim();
  return /^get \w/.test(code) ? behind.replace(/^\(\): ?/, '') : behind;
}

const withoutComments = (text: string): string => text.replaceAll(/[ \t]*\/\*\*[\s\S]*?\*\/\n?|^\s*\/\/.*\n/gm, '');
const withoutExport = (text: string): string => text.replace(/^export /, '');

/** Of a function or method, as the formatter leaves it: what a body begins with ends a line. */
function withoutBody(text: string): string {
  const isCode = /^(export )?(async )?(function|get )|^(public |abstract )*(async )?\w+(<[^>]*>)?\(/.test(text);
  const body = isCode ? / \{(?=\n(?: {2}| {4})\S)/.exec(text) : null;
  return withoutExport(body === null ? text : text.slice(0, body.index)).replace(/;$/, '');
}
