// A connector plugin by its class name or one of its aliases.
import type { ConnectorPlugin } from '../core/connector.ts';

export function findPlugin(plugins: readonly ConnectorPlugin[], name: string): ConnectorPlugin | undefined {
  return plugins.find((plugin) => plugin.className === name || plugin.aliases.includes(name));
}
