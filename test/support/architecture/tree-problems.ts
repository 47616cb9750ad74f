// What a tree of source files does against the rules of who may know what.
import { dirname, join } from 'node:path/posix';
import { readSource, type Source } from './read-source.ts';

type Table = Readonly<Record<string, readonly string[]>>;

export interface TreeRules {
  /** Folders whose files know only themselves, src/core and what stands here. */
  readonly mayKnow: Table;
  /** May know everybody. */
  readonly composition: readonly string[];
  /** Each npm package and its one home. */
  readonly homes: Table;
  /** May use every npm package. */
  readonly anyPackage: readonly string[];
  /** Folders and files, each with the modules of Node.js for input and output that it may use. */
  readonly io: Table;
  readonly readEnv: readonly string[];
  readonly importByName: readonly string[];
  readonly wordsOfHBase: RegExp;
  readonly mayNameHBase: readonly string[];
  readonly mostFiles: number;
}

const IO = /^node:(fs|net|tls|dns|https?|http2|dgram|child_process|worker_threads|cluster)(\/|$)/;

interface Link {
  readonly file: string;
  readonly to: string;
}

/** `texts`: each source file's path from the root, and its text. Sentences; none: the tree is as it should be. */
export function treeProblems(texts: ReadonlyMap<string, string>, rules: TreeRules): readonly string[] {
  const sources = [...texts].map(([file, text]) => readSource(file, text));
  const links = sources.flatMap((source) => linksOf(source, texts));
  const cycle = findCycle(links);
  return [
    ...links.filter((link) => !mayLink(link, rules)).map(({ file, to }) => `${file} knows ${to}`),
    ...sources.flatMap((source) => packageProblems(source, rules)),
    ...sources.flatMap((source) => ioProblems(source, rules)),
    ...sources.flatMap((source) => otherProblems(source, rules)),
    ...(cycle === null ? [] : [`${cycle.join(' → ')} is a cycle`]),
    ...drawers([...texts.keys()], rules.mostFiles),
  ];
}

function linksOf({ file, imports }: Source, texts: ReadonlyMap<string, string>): readonly Link[] {
  return imports
    .filter((target) => /^\.|^\//.test(target))
    .map((target) => ({ file, to: fileOf(join(dirname(file), target), texts) }));
}

/** `a.js` is the written name of `a.ts` where only that is there; a name without an ending may be any of them. */
function fileOf(path: string, texts: ReadonlyMap<string, string>): string {
  const inTypeScript = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  const endings = ['.ts', '.tsx', '.js', '/index.ts', '/index.js'].map((ending) => path + ending);
  return [path, inTypeScript, ...endings].find((each) => texts.has(each)) ?? path;
}

function mayLink({ file, to }: Link, { composition, mayKnow }: TreeRules): boolean {
  if (isIn(file, composition)) return true;
  const own = Object.keys(mayKnow).find((folder) => isIn(file, [folder]));
  return own !== undefined && isIn(to, [own, 'src/core', ...(mayKnow[own] ?? [])]);
}

function packageProblems({ file, imports }: Source, { homes, anyPackage }: TreeRules): readonly string[] {
  if (isIn(file, anyPackage)) return [];
  return imports
    .filter((target) => !/^\.|^\/|^node:/.test(target))
    .map((target) => target.split('/', target.startsWith('@') ? 2 : 1).join('/'))
    .filter((name) => !isIn(file, homes[name] ?? []))
    .map((name) => `${file} imports ${name}, whose home is elsewhere`);
}

function ioProblems({ file, imports }: Source, { io }: TreeRules): readonly string[] {
  const allowed = Object.entries(io).flatMap(([place, modules]) => (isIn(file, [place]) ? modules : []));
  return imports
    .filter((target) => IO.test(target) && !allowed.includes('*'))
    .filter((target) => !allowed.includes(target.split('/', 1)[0] ?? ''))
    .map((target) => `${file} imports ${target}: no input and output of that kind here`);
}

function otherProblems(source: Source, rules: TreeRules): readonly string[] {
  const { file, text } = source;
  const problems: string[] = [];
  if (source.readsEnv && !isIn(file, rules.readEnv)) problems.push(`${file} reads process.env`);
  if (source.importsByName && !isIn(file, rules.importByName))
    problems.push(`${file} imports by a name that is not written there`);
  if (
    isIn(file, Object.keys(rules.mayKnow)) &&
    !isIn(file, rules.mayNameHBase) &&
    rules.wordsOfHBase.test(text)
  )
    problems.push(`${file} has a word of HBase`);
  return problems;
}

/** One way from a file back to itself; null: there is none. */
function findCycle(links: readonly Link[]): readonly string[] | null {
  const next = new Map<string, string[]>();
  for (const { file, to } of links) next.set(file, [...(next.get(file) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    done.add(file);
    for (const each of next.get(file) ?? []) {
      const cycle = walk(each, [...path, file]);
      if (cycle !== null) return cycle;
    }
    return null;
  };
  for (const file of next.keys()) {
    const cycle = walk(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

function drawers(files: readonly string[], most: number): readonly string[] {
  const own = new Map<string, number>();
  for (const file of files) own.set(dirname(file), (own.get(dirname(file)) ?? 0) + 1);
  return [...own]
    .filter(([, count]) => count > most)
    .map(([folder, count]) => `${folder} has ${count} files of its own`);
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}
