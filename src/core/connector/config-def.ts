// Configuration declared as data, in Kafka Connect's words: what the worker validates with and what `/connector-plugins` shows.
import type { TemplatePlace } from '../template/template.ts';
import type { Text } from '../text.ts';

export type ConfigType =
  'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';

export interface ConfigKey {
  readonly name: string;
  readonly type: ConfigType;
  /** Absent: the key is required. null: optional without a value. */
  readonly defaultValue?: string | null;
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  readonly documentation: Text;
  /** Empty: in no group. */
  readonly group: string;
  /** Absent: the place among the definition's keys of the group, from 1. */
  readonly orderInGroup?: number;
  readonly displayName: string;
  readonly width: 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG';
  /** One of these, exactly. */
  readonly oneOf?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Returns what is wrong with a value of the right type, or null. Pure. */
  readonly check?: (value: string) => string | null;
  /** Damage that a printed example of the key is known for: undone by the worker where a body holds the article's keys. */
  readonly repairs?: readonly ValueRepair[];
  /** How templates stand in it. Absent: none do. */
  readonly templates?: Templates;
}

export interface Templates {
  /** `fill` writes the templates of a text for the place where it stands. */
  readonly fill: (value: string, fill: (text: string, place: TemplatePlace) => string) => string;
}

export interface ValueRepair {
  /** What is undone, in words. */
  readonly what: string;
  /** A sound value comes back as it is. Pure. */
  readonly apply: (value: string) => string;
}

export type ConfigDef = readonly ConfigKey[];

/** A connector's configuration: flat text to text, as in Connect. */
export type ConnectorConfig = Readonly<Record<string, string>>;

/** A configuration as it was sent: null where JSON said null. */
export type SentConfig = Readonly<Record<string, string | null>>;

export interface ConfigProblem {
  readonly key: string;
  readonly value: string | null;
  readonly message: string;
}
