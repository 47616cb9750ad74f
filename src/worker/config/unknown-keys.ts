// Keys that no definition knows: named with the known one that is nearest; one that looks like a slip of the pen is refused.
import type { ConfigDef } from '../../core/connector/config-def.ts';
import { looksLikeTypo, nearestName } from '../../core/nearest-name.ts';
import { converterSettings } from './converter-keys.ts';
import type { SentConfig } from '../../core/connector/config-def.ts';
import type { KeyProblem } from './unsupported-keys.ts';
import { isUnsupported, unsupportedNames } from './unsupported-keys.ts';

export interface UnknownKey {
  readonly name: string;
  readonly nearest: string;
}

export function unknownKeys(def: ConfigDef, sent: SentConfig): readonly UnknownKey[] {
  const known = [...def.map(({ name }) => name), ...converterSettings, ...unsupportedNames];
  const names = new Set(known);
  return Object.keys(sent)
    .filter((name) => !names.has(name) && !isUnsupported(name) && !belongsToPart.test(name))
    .map((name) => ({ name, nearest: nearestName(name, known) ?? '' }));
}

/** Settings of transforms, which are refused as such. */
const belongsToPart = /^(transforms|predicates)\./;

export function typingErrors(unknown: readonly UnknownKey[]): readonly KeyProblem[] {
  return unknown
    .filter(({ name, nearest }) => looksLikeTypo(name, nearest))
    .map(({ name, nearest }) => ({
      key: name,
      message: `There is no configuration ${name}: did you mean ${nearest}?`,
    }));
}
