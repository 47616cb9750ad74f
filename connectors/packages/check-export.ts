// Is what a package exports a connector? Its author may have written it by hand, or for something else.
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';

const functionsOf = {
  source: ['validate', 'identity', 'content', 'testConnection', 'topicOf', 'openTask'],
  sink: ['validate', 'identity', 'content', 'testConnection', 'openLedger', 'openStore'],
} as const;

/** The connectors of the default export, or what is wrong with it. */
export function pluginsOf(module: Readonly<Record<string, unknown>>): readonly ConnectorPlugin[] | string {
  if (!Object.hasOwn(module, 'default'))
    return 'it has no default export; it must be what defineSource gives, or an array of such';
  const exported = module['default'];
  const all: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (all.length === 0) return 'its default export is an empty array';
  const problem = all.map(problemOf).find((each) => each !== null);
  return problem ?? (all as readonly ConnectorPlugin[]);
}

function problemOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null)
    return `its default export is ${value === null ? 'null' : `a ${typeof value}`}; it must be what defineSource gives, or an array of such`;
  const plugin = value as Readonly<Record<string, unknown>>;
  const { className, type, version } = plugin;
  if (typeof className !== 'string' || !/^[A-Za-z_$][\w$.]*$/.test(className))
    return `its className is ${JSON.stringify(className)}, no name of a class`;
  if (type !== 'source' && type !== 'sink') return `${className}: its type is ${JSON.stringify(type)}`;
  if (typeof version !== 'string' || version === '') return `${className}: it has no version`;
  for (const list of ['aliases', 'configDef'])
    if (!Array.isArray(plugin[list])) return `${className}: its ${list} is no array`;
  const missing = functionsOf[type].filter((name) => typeof plugin[name] !== 'function');
  return missing.length === 0 ? null : `${className}: it has no ${missing.join(', ')}`;
}
