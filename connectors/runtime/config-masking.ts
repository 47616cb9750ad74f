// Keeps secrets out of what is shown: each is replaced by `***`, and a `***` that comes back means the stored value.
import type { ConfigDef, ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { MASK, passwordKeys } from '../../src/core/connector/config-def.ts';

const secretName = /passw(or)?d|passphrase|secret|token|credential|jaas|private\.?key|api\.?key/i;
// In any value that is a URL: user:secret@host and parameters whose names say what they are.
const secretInAuthority = /(\/\/[^/@\s:?#]*:)([^/@\s]+)(?=@)/g;
const secretInQuery = /([?&;][\w.-]*(?:passw(?:or)?d|pwd|secret|token)[\w.-]*=)([^&;\s]*)/gi;

export interface ConfigMasking {
  show(key: string, value: string): string;
  showAll(config: ConnectorConfig): ConnectorConfig;
  /** `sent` with each value that only repeats what was shown replaced by the stored one. */
  restore(sent: ConnectorConfig, stored: ConnectorConfig): ConnectorConfig;
  /** Keys of secrets whose value is still the mask: there is no stored value to keep. */
  unresolved(config: ConnectorConfig): readonly string[];
}

/** `def` null: the plugin is not known, so only names tell what is secret. */
export function createConfigMasking(def: ConfigDef | null): ConfigMasking {
  const passwords = new Set(passwordKeys(def ?? []));
  const open = new Set((def ?? []).filter((key) => key.type !== 'PASSWORD').map((key) => key.name));

  const isSecret = (key: string): boolean => passwords.has(key) || (!open.has(key) && secretName.test(key));
  const show = (key: string, value: string): string => {
    if (isSecret(key)) return value === '' ? '' : MASK;
    if (!value.includes('://') && !value.includes('?')) return value;
    return value.replace(secretInAuthority, `$1${MASK}`).replace(secretInQuery, `$1${MASK}`);
  };
  const each = (config: ConnectorConfig, change: (key: string, value: string) => string): ConnectorConfig =>
    Object.fromEntries(Object.entries(config).map(([key, value]) => [key, change(key, value)]));

  return {
    show,
    showAll: (config) => each(config, show),
    restore: (sent, stored) =>
      each(sent, (key, value) => {
        const kept = Object.hasOwn(stored, key) ? stored[key] : undefined;
        return kept !== undefined && value.includes(MASK) && show(key, kept) === value ? kept : value;
      }),
    unresolved: (config) =>
      Object.entries(config)
        .filter(([key, value]) => isSecret(key) && value === MASK)
        .map(([key]) => key),
  };
}
