// Checks one configuration value against its definition, with the texts of Kafka's ConfigDef.
import type { ConfigKey } from '../../core/connector/config-def.ts';

export interface CheckedValue {
  /** As Connect shows it: normalised; null when absent or not readable; `[hidden]` for a password. */
  readonly value: string | null;
  readonly errors: readonly string[];
}

const HIDDEN = '[hidden]';

/** `given` undefined: the key is absent; null: it stands there as JSON null, which validation lets pass. */
export function checkValue(key: ConfigKey, given: string | null | undefined): CheckedValue {
  if (given === null) return { value: null, errors: [] };
  if (given === undefined) {
    if (key.defaultValue !== undefined) return { value: key.defaultValue, errors: [] };
    return {
      value: null,
      errors: [`Missing required configuration "${key.name}" which has no default value.`],
    };
  }
  const parsed = parse(key, given);
  if (parsed.value === null) return { value: null, errors: unreadable(key, given, parsed.complaint) };
  const complaint = complain(key, parsed.value);
  const shown = key.type === 'PASSWORD' ? HIDDEN : parsed.value;
  return { value: shown, errors: complaint === null ? [] : [invalid(key.name, shown, complaint)] };
}

export function invalid(name: string, value: string | null, complaint: string): string {
  return `Invalid value ${value ?? 'null'} for configuration ${name}: ${complaint}`;
}

type Parsed = { readonly value: string } | { readonly value: null; readonly complaint: string };

function parse(key: ConfigKey, given: string): Parsed {
  const text = given.trim();
  switch (key.type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(text)
        ? { value: text.toLowerCase() }
        : { value: null, complaint: 'Expected value to be either true or false' };
    case 'SHORT':
      return parseWhole(key.type, text, 16);
    case 'INT':
      return parseWhole(key.type, text, 32);
    case 'LONG':
      return parseWhole(key.type, text, 64);
    case 'DOUBLE':
      return text !== '' && Number.isFinite(Number(text))
        ? { value: String(Number(text)) }
        : { value: null, complaint: 'Not a number of type DOUBLE' };
    case 'LIST':
      return { value: text === '' ? '' : text.split(/\s*,\s*/).join(',') };
    case 'CLASS':
      return { value: text };
    case 'STRING':
    case 'PASSWORD':
      return { value: given };
  }
}

function parseWhole(type: string, text: string, bits: number): Parsed {
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''));
    if (BigInt.asIntN(bits, value) === value) return { value: value.toString() };
  }
  return { value: null, complaint: `Not a number of type ${type}` };
}

// A key with a range is checked once more, on the null that the unreadable value became: Connect says both.
function unreadable(key: ConfigKey, given: string, complaint: string): readonly string[] {
  const errors = [invalid(key.name, given, complaint)];
  if (key.min !== undefined || key.max !== undefined)
    errors.push(invalid(key.name, null, 'Value must be non-null'));
  return errors;
}

function complain(key: ConfigKey, value: string): string | null {
  if (key.min !== undefined && Number(value) < key.min) return `Value must be at least ${key.min}`;
  if (key.max !== undefined && Number(value) > key.max) return `Value must be no more than ${key.max}`;
  if (key.oneOf !== undefined && !key.oneOf.includes(value))
    return `String must be one of: ${key.oneOf.join(', ')}`;
  return key.check?.(value) ?? null;
}
