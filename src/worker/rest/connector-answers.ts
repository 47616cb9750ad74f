// The JSON of connectors and plugins, field by field as Connect prints it: clients with strict classes read these.
import type { ConfigDef, ConfigKey } from '../../core/connector/config-def.ts';
import type { Text } from '../../core/text.ts';
import type { CheckedConfig } from '../config/config-validation.ts';
import type { ShownInstance } from '../control/connector-life.ts';
import type { ConnectorInfo, ConnectorStatus } from '../control/shown-connector.ts';

export function connectorInfo({ name, config, tasks, type }: ConnectorInfo): unknown {
  return { name, config, tasks: tasks.map((task) => ({ connector: name, task })), type };
}

export function connectorStatus(status: ConnectorStatus, workerId: string): unknown {
  return {
    name: status.name,
    connector: instance(status.connector, workerId, status.version),
    tasks: status.task === null ? [] : [taskStatus(status, status.task, workerId)],
    type: status.type,
  };
}

export function taskStatus(status: ConnectorStatus, task: ShownInstance, workerId: string): unknown {
  return { id: 0, ...instance(task, workerId, status.version) };
}

function instance(shown: ShownInstance, workerId: string, version: string | null): object {
  return {
    state: shown.state,
    worker_id: workerId,
    ...(version === null ? {} : { version }),
    ...(shown.failure === null ? {} : { trace: shown.failure.trace }),
  };
}

/** `GET /connector-plugins/{plugin}/config`. */
export function configKeys(def: ConfigDef, language: keyof Text): unknown {
  return def.map((key) => configKey(key, def, language));
}

/** `PUT /connector-plugins/{plugin}/config/validate`. */
export function checkedConfig(className: string, checked: CheckedConfig, language: keyof Text): unknown {
  const def = checked.entries.flatMap(({ key }) => (key === null ? [] : [key]));
  return {
    name: className,
    error_count: checked.errorCount,
    groups: checked.groups,
    configs: checked.entries.map(({ key, name, value, recommended, errors }) => ({
      definition: key === null ? null : configKey(key, def, language),
      value: { name, value, recommended_values: recommended, errors, visible: true },
    })),
  };
}

function configKey(key: ConfigKey, def: ConfigDef, language: keyof Text): unknown {
  const grouped = key.group !== '';
  const place = def.filter(({ group }) => group === key.group).indexOf(key) + 1;
  return {
    name: key.name,
    type: key.type,
    required: key.defaultValue === undefined,
    default_value: key.defaultValue ?? null,
    importance: key.importance,
    documentation: key.documentation[language],
    group: grouped ? key.group : null,
    order_in_group: grouped ? (key.orderInGroup ?? place) : -1,
    width: key.width,
    display_name: key.displayName,
    dependents: [],
  };
}
