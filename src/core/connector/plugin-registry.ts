// Finds the plugin that a `connector.class` means: the full name, or as in Connect the name without its package, with or
// without `Connector` at its end; for a plugin's aliases likewise.
import type { ConnectorPlugin } from './contract.ts';
import { SyncError } from '../errors.ts';

export interface PluginRegistry {
  /** Sinks, then sources, each by class name. */
  readonly all: readonly ConnectorPlugin[];
  /** null: nothing has that name. Throws CONFLICT when several plugins share a short name. */
  find(name: string): ConnectorPlugin | null;
  /** Throws NOT_FOUND in Connect's words, CONFLICT as `find`. */
  require(name: string): ConnectorPlugin;
}

export function createPluginRegistry(plugins: readonly ConnectorPlugin[]): PluginRegistry {
  const all = [...plugins].sort((a, b) => compare(a.type, b.type) || compare(a.className, b.className));
  const full = new Map<string, ConnectorPlugin>();
  const short = new Map<string, Set<ConnectorPlugin>>();
  for (const plugin of all)
    for (const name of [plugin.className, ...plugin.aliases]) {
      full.set(name, plugin);
      for (const alias of shortNames(name)) short.set(alias, (short.get(alias) ?? new Set()).add(plugin));
    }

  const find = (name: string): ConnectorPlugin | null => {
    const exact = full.get(name);
    if (exact !== undefined) return exact;
    const found = [...(short.get(name) ?? [])];
    if (found.length > 1)
      throw new SyncError('CONFLICT', {
        message: `More than one connector matches alias ${name}. Please use full package and class name instead. Classes found: ${found.map((plugin) => plugin.className).join(', ')}`,
      });
    return found[0] ?? null;
  };
  const require = (name: string): ConnectorPlugin => {
    const plugin = find(name);
    if (plugin !== null) return plugin;
    throw new SyncError('NOT_FOUND', {
      message: `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${all.map(describe).join(', ')}`,
      field: 'connector.class',
    });
  };
  return { all, find, require };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function shortNames(name: string): readonly string[] {
  const simple = name.slice(name.lastIndexOf('.') + 1);
  return simple.endsWith('Connector') && simple !== 'Connector'
    ? [simple, simple.slice(0, -'Connector'.length)]
    : [simple];
}

// As Connect prints its plugins; ours lie in no file of their own.
function describe({ className, version, type }: ConnectorPlugin): string {
  return `PluginDesc{klass=class ${className}, name='${className}', version='${version}', encodedVersion=${version}, type=${type}, typeName='${type}', location='builtin'}`;
}

/** For those who need one plugin once; null also where the short name means several. */
export function findPlugin(plugins: readonly ConnectorPlugin[], name: string): ConnectorPlugin | null {
  try {
    return createPluginRegistry(plugins).find(name);
  } catch {
    return null;
  }
}
