// /connector-plugins: what is installed, its keys, and the check of a configuration.
import type { ConfigDef } from '../../core/connector/config-def.ts';
import { SyncError } from '../../core/errors.ts';
import { pluginDef } from '../config/config-validation.ts';
import { converterClasses, findConverter } from '../config/converter-keys.ts';
import type { Herder } from '../control/herder.ts';
import type { PluginRegistry } from '../../core/connector/plugin-registry.ts';
import { readRepaired } from './article-repair.ts';
import { checkedConfig, configKeys } from './connector-answers.ts';
import { HttpError, nullPointer } from './http-error.ts';
import { refuseOtherVersion } from './plugin-version.ts';
import { readConfigBody } from './request-bodies.ts';
import type { Handle, Resource } from './resource.ts';
import { flag, languageOf, ok, param } from './resource.ts';

export interface PluginsContext {
  readonly registry: PluginRegistry;
  readonly herder: Herder;
  readonly workerVersion: string;
}

export function pluginsResources(context: PluginsContext): readonly Resource[] {
  return [
    { path: '/connector-plugins', methods: { GET: list(context) } },
    { path: '/connector-plugins/:plugin/config', methods: { GET: describe(context) } },
    { path: '/connector-plugins/:plugin/config/validate', methods: { PUT: validate(context) } },
  ];
}

function list({ registry, workerVersion }: PluginsContext): Handle {
  return (request) => {
    const connectors = registry.all.map((each) => ({
      class: each.className,
      type: each.type,
      version: each.version,
    }));
    if (flag(request, 'connectorsOnly', true)) return ok(connectors);
    const converters = converterClasses.flatMap(({ className, kind }) =>
      kind === 'converter' ? [{ class: className, type: kind, version: workerVersion }] : [],
    );
    const headerConverters = converterClasses.map(({ className }) => ({
      class: className,
      type: 'header_converter',
      version: workerVersion,
    }));
    return ok([...connectors, ...converters, ...headerConverters]);
  };
}

function describe(context: PluginsContext): Handle {
  return (request) => {
    const name = param(request, 'plugin');
    const found = findAny(context, name);
    if (found === null) throw new HttpError(404, `Unknown plugin ${name}.`);
    const wanted = request.query.get('version')?.[0];
    if (wanted !== undefined) refuseOtherVersion(found, wanted);
    return ok(configKeys(found.def, languageOf(request)));
  };
}

interface Described {
  readonly className: string;
  readonly version: string;
  readonly def: ConfigDef;
}

function findAny({ registry, workerVersion }: PluginsContext, name: string): Described | null {
  const plugin = registry.find(name);
  if (plugin !== null)
    return { className: plugin.className, version: plugin.version, def: pluginDef(plugin) };
  const converter = findConverter(name, 'any');
  if (converter === null) return null;
  return { className: converter.className, version: workerVersion, def: converter.def };
}

function validate({ registry, herder }: PluginsContext): Handle {
  return (request) => {
    const { body } = readRepaired(request.text, readConfigBody, registry);
    if (body.config === null) throw nullPointer('java.util.Map.get(Object)', 'connectorConfig');
    const className = body.config['connector.class'] ?? null;
    refuseOtherClass(className, param(request, 'plugin'));
    try {
      return ok(checkedConfig(className ?? '', herder.validate(body.config), languageOf(request)));
    } catch (error) {
      if (!(error instanceof SyncError) || error.code === 'CONFLICT') throw error;
      throw new HttpError(
        500,
        `org.apache.kafka.connect.runtime.rest.errors.BadRequestException: ${error.message}`,
      );
    }
  };
}

function refuseOtherClass(included: string | null, requested: string): void {
  if (included === null || bareName(included).endsWith(bareName(requested))) return;
  throw new HttpError(400, `Included connector type ${included} does not match request type ${requested}`);
}

function bareName(name: string): string {
  return name.length > 'Connector'.length && name.endsWith('Connector')
    ? name.slice(0, -'Connector'.length)
    : name;
}
