// A parameter is declared once: the declaration is the entry of Connect's ConfigDef, and it gives the typed value with its default.
//
//   const sink = config({ table: text('table', { … }), mode: choice('mode', ['a', 'b'], { default: 'a', … }) },
//                       (values, refuse) => …checks between keys, and what is made of them…);
//   sink.def → what is shown and validated        sink.read(flat) → { value } or { problems }, all at once
import { SyncError } from '../errors.ts';
import type { Text } from '../text.ts';
import type { ConfigDef, ConfigKey, ConfigProblem, ConnectorConfig } from './config-def.ts';

/** What is wrong with the text of a key, without the key's name. */
export class Complaint extends Error {}

export function complain(message: string): never {
  throw new Complaint(message);
}

export interface Key<T> {
  readonly def: ConfigKey;
  /** Throws Complaint. */
  readonly read: (text: string) => T;
  /** Blanks around the text mean something. */
  readonly exact: boolean;
  /** Said where there is no value, although Connect's declaration asks for none. */
  readonly missing?: string;
}

export interface About extends Partial<
  Pick<ConfigKey, 'type' | 'importance' | 'width' | 'displayName' | 'group' | 'repairs' | 'templates'>
> {
  readonly doc: Text;
  readonly exact?: boolean;
}

/** Without a default the key is required; with null it may be left without a value. */
type Optional = About & { readonly default: null };
type Filled = About & { readonly default?: string };
type Needed = Optional & Required<Pick<Key<unknown>, 'missing'>>;

/** A key whose text `read` turns into a value of any type; it throws Complaint for a text that is none. */
export function parsed<T>(name: string, about: Needed | Filled, read: (text: string) => T): Key<T>;
export function parsed<T>(name: string, about: Optional, read: (text: string) => T): Key<T | null>;
export function parsed<T>(
  name: string,
  about: Needed | Optional | Filled,
  read: (text: string) => T,
): Key<T | null> {
  const { doc, exact = false, default: standard, missing, ...rest } = { missing: undefined, ...about };
  const def: ConfigKey = {
    name,
    type: 'STRING',
    ...(standard === undefined ? {} : { defaultValue: standard }),
    importance: 'MEDIUM',
    documentation: doc,
    group: '',
    displayName: name,
    width: 'MEDIUM',
    check: (text) => {
      const blank = text.trim() === '' && standard !== undefined;
      const outcome = blank ? null : attempt(() => read(exact ? text : text.trim()));
      return outcome instanceof Complaint ? outcome.message : null;
    },
    ...rest,
  };
  return { def, read, exact, ...(missing === undefined ? {} : { missing }) };
}

export function text(name: string, about: Optional): Key<string | null>;
export function text(name: string, about: Filled): Key<string>;
export function text(name: string, about: Optional | Filled): Key<string | null> {
  return parsed(name, about as Filled, (value) => value);
}

/** Hidden wherever a configuration is shown. */
export function secret(name: string, about: Filled): Key<string> {
  return parsed(name, { ...about, type: 'PASSWORD', exact: true }, (value) => value);
}

/** Reads one of the values, exactly. */
export function oneOf<const V extends string>(values: readonly V[]): (text: string) => V {
  return (text) => values.find((each) => each === text) ?? complain(`write one of ${values.join(', ')}`);
}

export function choice<const V extends string>(
  name: string,
  values: readonly V[],
  about: About & { readonly default?: NoInfer<V> },
): Key<V> {
  const key = parsed(name, about, oneOf(values));
  return { ...key, def: { ...key.def, oneOf: values } };
}

export function flag(name: string, about: About & { readonly default: 'true' | 'false' }): Key<boolean> {
  return parsed(name, { width: 'SHORT', ...about, type: 'BOOLEAN' }, (value) =>
    /^(true|false)$/i.test(value)
      ? value.toLowerCase() === 'true'
      : complain('Expected value to be either true or false'),
  );
}

/** Reads a whole number of the range. */
export function wholeFrom(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    return number >= min && number <= max ? number : complain(`write a whole number from ${min} to ${max}`);
  };
}

export function whole(
  name: string,
  about: About & { readonly default?: number; readonly min: number; readonly max?: number },
): Key<number> {
  const { min, max = Number.MAX_SAFE_INTEGER, default: standard, ...rest } = about;
  const filled = standard === undefined ? {} : { default: String(standard) };
  const key = parsed(name, { type: 'INT', width: 'SHORT', ...rest, ...filled }, wholeFrom(min, max));
  const range = about.max === undefined ? { min } : { min, max };
  return { ...key, def: { ...key.def, ...range } };
}

/** Separated by commas. */
export function list(name: string, about: About & { readonly default: string }): Key<readonly string[]> {
  return parsed(name, { ...about, type: 'LIST' }, listOf);
}

export function listOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export interface Config<V> {
  readonly def: ConfigDef;
  /** Pure: nothing is asked for over the network. Unknown keys are the worker's to name. */
  read(flat: ConnectorConfig): Reading<V>;
}

export type Reading<V> = { readonly value: V } | { readonly problems: readonly ConfigProblem[] };
export type ValueOf<C> = C extends Config<infer V> ? V : never;
/** Names the key that is wrong by itself or beside others. */
export type Refuse = (key: string, message: string) => void;

type Keys = Readonly<Record<string, Key<unknown>>>;
export type ValuesOf<K extends Keys> = { readonly [N in keyof K]: K[N] extends Key<infer T> ? T : never };

/** `make` sees the default where a key is wrong by itself, and is not asked where a required one is; null: it refused. */
export function config<K extends Keys, V = ValuesOf<K>>(
  keys: K,
  make: (values: ValuesOf<K>, refuse: Refuse) => V | null = (values) => values as V,
): Config<V> {
  return {
    def: Object.values(keys).map((key) => key.def),
    read: (flat) => {
      const problems: ConfigProblem[] = [];
      const refuse: Refuse = (key, message) => {
        problems.push({ key, value: flat[key] ?? null, message });
      };
      const values: Record<string, unknown> = {};
      for (const [field, key] of Object.entries(keys)) values[field] = readKey(key, flat, refuse);
      if (Object.values(values).includes(undefined)) return { problems };
      const alone = new Set(problems.map(({ key }) => key));
      const value = make(values as ValuesOf<K>, (key, message) => {
        if (!alone.has(key)) refuse(key, message);
      });
      return problems.length > 0 || value === null ? { problems } : { value };
    },
  };
}

/** undefined: required, and not there or wrong. */
function readKey(
  { def, read, exact, missing }: Key<unknown>,
  flat: ConnectorConfig,
  refuse: Refuse,
): unknown {
  const given = Object.hasOwn(flat, def.name) ? (flat[def.name] ?? '') : '';
  const standard = def.defaultValue == null ? def.defaultValue : read(def.defaultValue);
  if (exact ? given === '' : given.trim() === '') {
    if (standard === undefined) refuse(def.name, 'missing; it has no default');
    else if (missing !== undefined) refuse(def.name, missing);
    return standard;
  }
  const value = attempt(() => read(exact ? given : given.trim()));
  if (!(value instanceof Complaint)) return value;
  refuse(def.name, value.message);
  return standard;
}

function attempt<T>(read: () => T): T | Complaint {
  try {
    return read();
  } catch (error) {
    if (error instanceof Complaint) return error;
    throw error;
  }
}

/** Both declarations as one, over the same flat configuration. */
export function joined<A, B>(a: Config<A>, b: Config<B>): Config<A & B> {
  return {
    def: [...a.def, ...b.def],
    read: (flat) => {
      const [first, second] = [a.read(flat), b.read(flat)];
      if ('value' in first && 'value' in second) return { value: { ...first.value, ...second.value } };
      return { problems: [first, second].flatMap((each) => ('problems' in each ? each.problems : [])) };
    },
  };
}

/** Throws BAD_INPUT naming the key of the first problem, and all of them in words. */
export function readOrThrow<V>(declared: Config<V>, flat: ConnectorConfig): V {
  const reading = declared.read(flat);
  if ('value' in reading) return reading.value;
  const message = reading.problems.map(({ key, message }) => `reading ${key}: ${message}`).join('; ');
  throw new SyncError('BAD_INPUT', { message, field: reading.problems[0]?.key ?? '' });
}
