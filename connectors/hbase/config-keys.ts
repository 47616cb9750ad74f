// Builders of configuration keys, as the connectors' definitions list them.
import type { ConfigKey } from '../../src/core/connector/config-def.ts';

export function key(name: string, group: string, documentation: string): ConfigKey {
  return {
    name,
    type: 'STRING',
    importance: 'MEDIUM',
    documentation,
    group,
    displayName: name,
    width: 'MEDIUM',
  };
}

export function optional(
  name: string,
  group: string,
  documentation: string,
  defaultValue: string | null,
): ConfigKey {
  return { ...key(name, group, documentation), defaultValue };
}

export function whole(
  name: string,
  group: string,
  range: { text: string; initial: number; max: number },
): ConfigKey {
  const { text, initial, max } = range;
  return {
    ...key(name, group, text),
    type: 'INT',
    defaultValue: String(initial),
    min: 1,
    max,
    width: 'SHORT',
  };
}
