// What a source file takes from elsewhere, read with the compiler: text in comments, quotes over lines and the many ways to write
// an import are its business.
import { isBuiltin } from 'node:module';
import ts from 'typescript';

/** Said of an import whose name is made while it runs. */
const byName = Symbol('by name');

export interface Source {
  readonly file: string;
  readonly text: string;
  /** As written: './a.ts', 'pg', 'node:fs'. Built-in modules always with `node:`. */
  readonly imports: readonly string[];
  /** It imports by a name that is made while it runs, or keeps a `require` of its own. */
  readonly importsByName: boolean;
  readonly readsEnv: boolean;
}

export function isSource(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file);
}

export function readSource(file: string, text: string): Source {
  const kind = /\.[cm]?js$/.test(file) ? ts.ScriptKind.JS : undefined;
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const names = tree.referencedFiles.map(({ fileName }) => `./${fileName}`);
  let importsByName = false;
  let readsEnv = false;
  const visit = (node: ts.Node): void => {
    const taken = importOf(node);
    if (taken === byName) importsByName = true;
    else if (taken !== null) names.push(isBuiltin(taken) ? `node:${taken.replace(/^node:/, '')}` : taken);
    if (isEnv(node)) readsEnv = true;
    ts.forEachChild(node, visit);
  };
  visit(tree);
  readsEnv ||= names.includes('node:process');
  return { file, text, imports: names, importsByName, readsEnv };
}

/** The name that a node imports, `byName` when it is not written there, null for all other nodes. */
function importOf(node: ts.Node): string | typeof byName | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
    return node.moduleSpecifier === undefined ? null : literal(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return literal(node.expression);
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : byName;
  if (ts.isCallExpression(node) && loads(node)) return literal(node.arguments[0]);
  return keepsRequire(node) ? byName : null;
}

/** `import(…)`, `require(…)`, `createRequire(…)(…)`, `process.getBuiltinModule(…)`. */
function loads({ expression: callee, arguments: [name] }: ts.CallExpression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) {
    if (callee.text !== 'require') return false;
    // A function of ours may have that name: modules have no require of Node's.
    return (
      /\.c[jt]s$/.test(callee.getSourceFile().fileName) ||
      (name !== undefined && ts.isStringLiteralLike(name))
    );
  }
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text === 'getBuiltinModule';
  return ts.isCallExpression(callee) && isCreateRequire(callee.expression);
}

/** `createRequire` anywhere but in its import and in `createRequire(…)(…)`. */
function keepsRequire(node: ts.Node): boolean {
  if (ts.isImportSpecifier(node)) return node.propertyName?.text === 'createRequire';
  if (!isCreateRequire(node) || ts.isImportSpecifier(node.parent)) return false;
  const access = ts.isPropertyAccessExpression(node.parent) ? node.parent : node;
  const made = access.parent;
  return !(ts.isCallExpression(made) && ts.isCallExpression(made.parent) && made.parent.expression === made);
}

function isCreateRequire(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'createRequire';
  return ts.isIdentifier(node) && node.text === 'createRequire';
}

/** `process.env`, `process['env']`, and `process` handed on whole, of which `const { env } = process` is one. */
function isEnv(node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || node.text !== 'process') return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) {
    if (parent.expression === node) return parent.name.text === 'env';
    if (!ts.isIdentifier(parent.expression) || !/^global(This)?$/.test(parent.expression.text)) return false;
    return !ts.isPropertyAccessExpression(parent.parent) || parent.parent.name.text === 'env';
  }
  if (ts.isElementAccessExpression(parent)) return parent.expression === node;
  return (
    (ts.isVariableDeclaration(parent) && parent.initializer === node) ||
    (ts.isBinaryExpression(parent) && parent.right === node)
  );
}

function literal(node: ts.Node | undefined): string | typeof byName {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : byName;
}
