/** Programs of the compiler, and what of their symbols is part of the public API. */
import path from 'node:path';
import {
  API,
  type Checker,
  type Symbol as CompilerSymbol,
  type Project,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync';

export const root = path.resolve(import.meta.dirname, '../../..');
/** In no folder that exists: they are compiled as if they lay in the repository. */
const folder = path.join(root, 'examples-of-docstrings');

export const virtualPath = (name: string): string => path.join(folder, `${name}.ts`);

/** One program of files that need not exist and of files of the repository. */
export function compile(
  sources: Readonly<Record<string, string>>,
  files: readonly string[],
): { readonly project: Project; close(): void } {
  const config = path.join(folder, 'tsconfig.json');
  const written = new Map(Object.entries(sources).map(([name, text]) => [virtualPath(name), text]));
  const options = { extends: '../tsconfig.json', compilerOptions: { noUnusedLocals: false }, include: [] };
  const all = [...written.keys(), ...files.map((file) => path.join(root, file))];
  written.set(config, JSON.stringify({ ...options, files: all }));
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) => written.get(name),
      fileExists: (name) => (written.has(name) ? true : undefined),
      directoryExists: (name) => (name === folder ? true : undefined),
    },
  });
  const snapshot = api.updateSnapshot({ openProjects: [config] });
  const close = (): void => {
    snapshot.dispose();
    api.close();
  };
  return { project: snapshot.getProject(config)!, close };
}

/** What a file exports, where it is declared. */
export function exportsOf(file: string, { program, checker }: Project): CompilerSymbol[] {
  const source = program.getSourceFile(path.join(root, file))!;
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(source)!)
    .map((symbol) => (has(symbol, SymbolFlags.Alias) ? checker.getAliasedSymbol(symbol) : symbol));
}

export const has = (symbol: CompilerSymbol, flags: number): boolean => (symbol.flags & flags) !== 0;
export const isCallable = (symbol: CompilerSymbol): boolean => has(symbol, SymbolFlags.Function | SymbolFlags.Class);

/** Of a function nothing: its members are no part of it. */
export function typeOf(symbol: CompilerSymbol, checker: Checker): Type | undefined {
  return has(symbol, SymbolFlags.Type) ? checker.getDeclaredTypeOfSymbol(symbol) : undefined;
}

/** Written here, not in a library. */
export const isOwn = ({ declarations }: CompilerSymbol): boolean =>
  declarations.length > 0 && declarations.every((declaration) => !declaration.path.includes('/node_modules/'));
/** Nobody outside sees it. */
export const isPrivate = ({ declarations }: CompilerSymbol): boolean =>
  declarations.some((declaration) => /^private\b/.test(declaration.resolve()?.getText() ?? ''));
/** The other side of a union: what may not be given there. */
export const isAbsent = (type: Type): boolean => type.flags === TypeFlags.Undefined;
export const isList = (type: Type): boolean => ['Array', 'ReadonlyArray'].includes(type.getSymbol()?.name ?? '');

/** Named types are told where they are exported: only those without a name are gone into. */
export function namelessIn(type: Type): readonly Type[] {
  if (type.getAliasSymbol() !== undefined) return [];
  if (type.isUnionType()) return (type.getTypes() ?? []).flatMap(namelessIn);
  const symbol = type.getSymbol();
  return isList(type) || (symbol?.name === '__type' && isOwn(symbol)) ? [type] : [];
}
