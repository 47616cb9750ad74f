// What is secret in a configuration, asked wherever one is stored, shown, logged or reported: the value of a key that is
// declared PASSWORD, of an unknown key whose name suggests it, and credentials inside any other value.
import type { ConfigDef, ConnectorConfig } from '../connector/config-def.ts';
import type { Replace } from './credentials.ts';
import { namesSecret, replaceCredentials } from './credentials.ts';
import { looksLikeTypo } from '../nearest-name.ts';

export const MASK = '***';

/** Is the whole value of the key secret? `def` null: a connector that this process does not know, only names tell. */
export function isSecret(key: string, def: ConfigDef | null): boolean {
  const declared = def?.find(({ name }) => name === key);
  if (declared !== undefined) return declared.type === 'PASSWORD';
  if (namesSecret(key)) return true;
  // A slip of the pen in the key's name does not make its value less secret.
  return def?.some(({ type, name }) => type === 'PASSWORD' && looksLikeTypo(key, name)) ?? false;
}

export function showValue(key: string, value: string, def: ConfigDef | null): string {
  if (isSecret(key, def)) return value === '' ? '' : MASK;
  return replaceCredentials(value, () => MASK);
}

export function showConfig(config: ConnectorConfig, def: ConfigDef | null): ConnectorConfig {
  return changed(config, (key, value) => showValue(key, value, def));
}

/** `sent` with the stored secret wherever `***` stands for one: a whole value, or a credential in a value that else may differ. */
export function keepStored(
  sent: ConnectorConfig,
  stored: ConnectorConfig,
  def: ConfigDef | null,
): ConnectorConfig {
  return changed(sent, (key, value) => {
    const kept = Object.hasOwn(stored, key) ? (stored[key] ?? '') : '';
    if (kept === '' || !value.includes(MASK)) return value;
    if (isSecret(key, def)) return value === MASK ? kept : value;
    const secrets = new Map<string, string>();
    replaceCredentials(
      kept,
      eachPlace((secret, place) => (secrets.set(place, secret), secret)),
    );
    return replaceCredentials(
      value,
      eachPlace((secret, place) => (secret === MASK ? (secrets.get(place) ?? secret) : secret)),
    );
  });
}

/** Keys where `***` still stands for a secret: there was none to keep. */
export function keysStillMasked(config: ConnectorConfig, def: ConfigDef | null): readonly string[] {
  return Object.entries(config)
    .filter(([key, value]) => secretsOf(key, value, def).includes(MASK))
    .map(([key]) => key);
}

/** Every secret text of a configuration, to be taken out of other texts. */
export function secretTexts(config: ConnectorConfig, def: ConfigDef | null): readonly string[] {
  return Object.entries(config).flatMap(([key, value]) => secretsOf(key, value, def));
}

function secretsOf(key: string, value: string, def: ConfigDef | null): readonly string[] {
  if (isSecret(key, def)) return value === '' ? [] : [value];
  const found: string[] = [];
  replaceCredentials(value, (secret) => (found.push(secret), secret));
  return found;
}

/** Tells the second credential of a name from the first. */
function eachPlace(replace: Replace): Replace {
  const seen = new Map<string, number>();
  return (secret, place) => {
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    return replace(secret, `${place} ${count}`);
  };
}

function changed(config: ConnectorConfig, change: (key: string, value: string) => string): ConnectorConfig {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, change(key, value)]));
}
