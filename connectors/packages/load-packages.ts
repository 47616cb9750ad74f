// Connectors from npm packages that the configuration names: `plugins: ["@acme/pages"]`. Looked for as Node does from the folder in
// which Syncline was started, then from its own. What they import as `syncline/connector` is this process's contract, whatever lies
// beside them: its errors and types are one with ours.
//
//   name ─► found? ─► package.json says the contract? ─► imported ─► default export: a connector, or several ─► names are free ─► one of ours
import { register } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { systemClock } from '../../src/core/clock.ts';
import { CONTRACT_VERSION } from '../../src/core/connector/contract.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import { within } from '../../src/core/waiting/within.ts';
import { pluginsOf } from './check-export.ts';
import { guardPlugin } from './guard-plugin.ts';

const LOAD_LIMIT_MS = 30_000;
const SCHEME = 'syncline-plugin:';
const root = new URL('../../', import.meta.url);

/** Runs in Node's loader thread, so it is text: it knows only what it is told. */
const hook = `
let own, roots;
export function initialize(told) { ({ own, roots } = told); }
export async function resolve(specifier, context, next) {
  if (Object.hasOwn(own, specifier)) return { url: own[specifier], shortCircuit: true };
  if (!specifier.startsWith('${SCHEME}')) return next(specifier, context);
  let missing;
  for (const parentURL of roots) {
    try {
      return await next(specifier.slice(${SCHEME.length}), { ...context, parentURL });
    } catch (error) {
      if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      missing ??= error;
    }
  }
  throw missing;
}`;

let isHooked = false;

function hookOnce(): void {
  if (isHooked) return;
  isHooked = true;
  const own = { 'syncline/connector': new URL(`src/connector${extname(import.meta.url)}`, root).href };
  const roots = [pathToFileURL(join(process.cwd(), 'plugins.js')).href, root.href];
  register(`data:text/javascript,${encodeURIComponent(hook)}`, { data: { own, roots } });
}

/** `builtIn`: whose names are taken. Throws BAD_INPUT for what the configuration may mend, PLUGIN_FAULT for what the package's author must. */
export async function loadPackages(
  names: readonly string[],
  builtIn: readonly ConnectorPlugin[],
): Promise<readonly ConnectorPlugin[]> {
  if (names.length > 0) hookOnce();
  const taken = new Map<string, string>();
  for (const plugin of builtIn) for (const name of namesOf(plugin)) taken.set(name, 'Syncline itself');
  const loaded: ConnectorPlugin[] = [];
  for (const name of names) {
    const plugins = await loadPackage(name);
    for (const plugin of plugins)
      for (const each of namesOf(plugin)) {
        const by = taken.get(each);
        if (by !== undefined) throw wrong(name, `its connector ${each} has the name of one of ${by}`);
        taken.set(each, name);
      }
    loaded.push(...plugins);
  }
  return loaded;
}

function namesOf({ className, aliases }: ConnectorPlugin): readonly string[] {
  return [...new Set([className, ...aliases])];
}

async function loadPackage(name: string): Promise<readonly ConnectorPlugin[]> {
  requireContract(name, manifestOf(name));
  const limit = { clock: systemClock, ms: LOAD_LIMIT_MS, onLimit: () => never(name) };
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await within(limit, import(SCHEME + name) as Promise<Readonly<Record<string, unknown>>>);
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    throw fault(
      name,
      `it could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  const found = pluginsOf(module);
  if (typeof found === 'string') throw fault(name, found);
  return found.map((plugin) => guardPlugin(plugin, name));
}

interface Manifest {
  readonly name?: unknown;
  readonly syncline?: { readonly contract?: unknown };
}

function manifestOf(name: string): Manifest {
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(SCHEME + name));
  } catch (cause) {
    throw wrong(
      name,
      `there is no such package in node_modules of ${process.cwd()} or of Syncline; install it there (npm install ${name}), or correct the name`,
      cause,
    );
  }
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (!existsSync(path)) continue;
    const manifest = readManifest(name, path);
    if (manifest.name === name) return manifest;
  }
  throw fault(name, 'it has no package.json of its name');
}

function readManifest(name: string, path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch (cause) {
    throw fault(name, `its ${path} can't be read`, cause);
  }
}

function requireContract(name: string, { syncline }: Manifest): void {
  const said = syncline?.contract;
  if (said === CONTRACT_VERSION) return;
  const own = `this Syncline has contract ${CONTRACT_VERSION}`;
  throw fault(
    name,
    said === undefined
      ? `its package.json does not say which contract it keeps; ${own}: "syncline": { "contract": ${CONTRACT_VERSION} }`
      : `it keeps contract ${JSON.stringify(said)}, and ${own}; take a version of the package that fits`,
  );
}

function never(name: string): never {
  throw fault(name, `it was not loaded within ${LOAD_LIMIT_MS / 1_000} s`);
}

function wrong(name: string, what: string, cause?: unknown): SyncError {
  return new SyncError('BAD_INPUT', { message: `loading plugin ${name}: ${what}`, field: 'plugins', cause });
}

function fault(name: string, what: string, cause?: unknown): SyncError {
  return new SyncError('PLUGIN_FAULT', {
    message: `loading plugin ${name}: ${what}`,
    field: 'plugins',
    cause,
  });
}
