// A connector as its endpoints show it: without secrets.
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ConnectorLife, ShownInstance } from './connector-life.ts';
import { fullDef } from '../config/config-validation.ts';
import { showConfig } from '../../core/secrets/secrets.ts';

export interface ConnectorInfo {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly tasks: readonly number[];
  readonly type: ConnectorType;
}

export interface ConnectorStatus {
  readonly name: string;
  readonly connector: ShownInstance;
  readonly task: ShownInstance | null;
  readonly type: ConnectorType;
  /** null: the plugin is gone. */
  readonly version: string | null;
}

type ConnectorType = 'source' | 'sink' | 'unknown';

export function showInfo(life: ConnectorLife): ConnectorInfo {
  const { name, config, plugin } = life.definition;
  return {
    name,
    config: showConfig(config, plugin === null ? null : fullDef(plugin)),
    tasks: life.task() === null ? [] : [0],
    type: plugin?.type ?? 'unknown',
  };
}

export function showStatus(life: ConnectorLife): ConnectorStatus {
  const { name, plugin } = life.definition;
  return {
    name,
    connector: life.connector(),
    task: life.task(),
    type: plugin?.type ?? 'unknown',
    version: plugin?.version ?? null,
  };
}
