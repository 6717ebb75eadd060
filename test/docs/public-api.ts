/** What the package exports, as the compiler sees it, with the docstrings that an editor shows. */
import {
  type Checker,
  type Symbol as CompilerSymbol,
  type Diagnostic,
  type Project,
  type Signature,
  SignatureKind,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync';
import {
  compile,
  exportsOf,
  isAbsent,
  isCallable,
  isList,
  isOwn,
  isPrivate,
  namelessIn,
  typeOf,
  virtualPath,
} from '../../docs/.vitepress/api/compiler.ts';

export type Tag = { readonly name: string; readonly text: string };
export type Documented = {
  /** Such as `RowStage.filter`; of an overload with its number. */
  readonly name: string;
  readonly text: string;
  readonly tags: readonly Tag[];
  /** Functions, classes, steps of the chain and their overloads. */
  readonly isCalled: boolean;
};

/** What an entry exports, and all members of that which are written in this repository. */
export function documentedOf(entry: string): readonly Documented[] {
  const { project, close } = compile({}, [entry]);
  try {
    const { checker } = project;
    const exported = exportsOf(entry, project);
    const members = exported.flatMap((symbol) => membersOf(symbol.name, typeOf(symbol, checker), project));
    return [
      ...exported.map((symbol) => documented(symbol.name, symbol, checker, isCallable(symbol))),
      ...members,
      ...exported.filter(({ name }) => name === 'pipeline').flatMap((symbol) => stepsOf(symbol, project)),
    ];
  } finally {
    close();
  }
}

/** What the compiler objects to, each as `name:line of the file: text`. */
export function objectionsTo(sources: Readonly<Record<string, string>>): readonly string[] {
  const { project, close } = compile(sources, []);
  try {
    const { program } = project;
    return Object.entries(sources).flatMap(([name, source]) => {
      const file = virtualPath(name);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return found.map((diagnostic) => `${name}:${lineOf(source, diagnostic)}: ${diagnostic.text}`);
    });
  } finally {
    close();
  }
}

const lineOf = (source: string, { pos }: Diagnostic): number => source.slice(0, pos).split('\n').length;

function documented(name: string, symbol: CompilerSymbol, checker: Checker, isCalled: boolean): Documented {
  const tags = symbol.getJsDocTags(checker).map((tag) => ({ name: tag.name, text: tag.text ?? '' }));
  return { name, text: symbol.getDocumentationComment(checker), tags, isCalled };
}

/** Named types are told where they are exported: only those without a name are gone into. */
function membersOf(owner: string, type: Type | undefined, project: Project): Documented[] {
  const { checker } = project;
  if (type === undefined) return [];
  if (type.isUnionType()) return type.getTypes().flatMap((part) => membersOf(owner, part, project));
  const nested = (name: string, inner: Type): Documented[] =>
    namelessIn(inner).flatMap((part) => membersOf(name, part, project));
  if (isList(type))
    return checker.getTypeArguments(type as TypeReference).flatMap((each) => nested(`${owner}[]`, each));
  return [
    ...checker.getPropertiesOfType(type).flatMap((member) => {
      const name = `${owner}.${member.name}`;
      const inner = checker.getTypeOfSymbol(member)!;
      if (!isOwn(member) || isPrivate(member) || isAbsent(inner)) return [];
      // What carries types only is never there: nobody sees what is in it.
      const inside = member.name.startsWith('~') ? [] : nested(name, inner);
      return [documented(name, member, checker, false), ...inside];
    }),
    ...checker.getIndexInfosOfType(type).flatMap(({ valueType }) => nested(`${owner}[…]`, valueType)),
  ];
}

/** Every step of the chain that begins with this function, whatever its stages are called. */
function stepsOf(begin: CompilerSymbol, { checker }: Project): Documented[] {
  const found = new Map<string, Documented>();
  const visit = (signature: Signature): void => {
    const stage = checker.getReturnTypeOfSignature(signature)!;
    for (const member of checker.getPropertiesOfType(stage)) {
      const signatures = checker.getSignaturesOfType(checker.getTypeOfSymbol(member)!, SignatureKind.Call);
      const name = `${stage.getAliasSymbol()?.name}.${member.name}()`;
      if (signatures.length === 0 || found.has(name)) continue;
      found.set(name, documented(name, member, checker, true));
      for (const [at, each] of signatures.entries()) {
        if (signatures.length > 1) found.set(`${name}#${at + 1}`, overload(`${name}#${at + 1}`, each));
        visit(each);
      }
    }
  };
  for (const signature of checker.getSignaturesOfType(checker.getTypeOfSymbol(begin)!, SignatureKind.Call))
    visit(signature);
  return [...found.values()];
}

/** An editor shows a call what stands at its overload. The compiler gives only the text of it. */
function overload(name: string, signature: Signature): Documented {
  const node = signature.declaration!.resolve()!;
  const text = /^\s*\/\*\*([\s\S]*?)\*\//.exec(node.getFullText())?.[1] ?? '';
  const [docs = '', ...tags] = text.replaceAll(/^\s*\* ?/gm, '').split(/^@/m);
  return {
    name,
    text: docs.trim(),
    tags: tags.map((tag) => {
      const [, title = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag)!;
      return { name: title, text: rest.trim() };
    }),
    isCalled: true,
  };
}
