// The converters that a configuration may name, with their own keys. What they do is in src/worker/converters.
import type { ConfigDef, ConfigKey } from '../../core/connector/config-def.ts';

export interface ConverterClass {
  readonly className: string;
  readonly kind: 'converter' | 'header_converter';
  readonly def: ConfigDef;
}

const converterType: ConfigKey = {
  name: 'converter.type',
  type: 'STRING',
  importance: 'LOW',
  documentation: {
    en: 'What the converter is used for: set by the worker.',
    zh: '转换器的用途：由工作节点设置。',
  },
  group: '',
  displayName: 'converter.type',
  width: 'NONE',
  oneOf: ['key', 'value', 'header'],
};

const jsonKeys: ConfigDef = [
  converterType,
  {
    name: 'schemas.enable',
    type: 'BOOLEAN',
    defaultValue: 'true',
    importance: 'HIGH',
    documentation: { en: 'Whether each value carries its schema.', zh: '每个值是否携带其 schema。' },
    group: 'Schemas',
    orderInGroup: 0,
    displayName: 'Enable Schemas',
    width: 'MEDIUM',
  },
  {
    name: 'schemas.cache.size',
    type: 'INT',
    defaultValue: '1000',
    importance: 'HIGH',
    documentation: { en: 'How many schemas are kept in memory.', zh: '内存中保留的 schema 数量。' },
    group: 'Schemas',
    orderInGroup: 1,
    displayName: 'Schema Cache Size',
    width: 'MEDIUM',
    min: 0,
  },
  {
    name: 'schema.content',
    type: 'STRING',
    defaultValue: null,
    importance: 'HIGH',
    documentation: { en: 'The schema of values that carry none.', zh: '不携带 schema 的值所用的 schema。' },
    group: 'Schemas',
    orderInGroup: 2,
    displayName: 'Schema Content',
    width: 'MEDIUM',
  },
  {
    name: 'decimal.format',
    type: 'STRING',
    defaultValue: 'BASE64',
    importance: 'LOW',
    documentation: {
      en: 'How decimals are written: BASE64 or NUMERIC.',
      zh: '小数的写法：BASE64 或 NUMERIC。',
    },
    group: 'Serialization',
    orderInGroup: 0,
    displayName: 'Decimal Format',
    width: 'MEDIUM',
    oneOf: ['BASE64', 'NUMERIC'],
  },
  {
    name: 'replace.null.with.default',
    type: 'BOOLEAN',
    defaultValue: 'true',
    importance: 'LOW',
    documentation: {
      en: 'Whether a null becomes the default of its field.',
      zh: '空值是否以字段默认值代替。',
    },
    group: 'Serialization',
    orderInGroup: 1,
    displayName: 'Replace null with default',
    width: 'MEDIUM',
  },
];

const stringKeys: ConfigDef = [
  converterType,
  {
    name: 'converter.encoding',
    type: 'STRING',
    defaultValue: 'UTF-8',
    importance: 'HIGH',
    documentation: { en: 'Character set of the text; only UTF-8.', zh: '文本字符集；仅支持 UTF-8。' },
    group: '',
    displayName: 'Encoding',
    width: 'MEDIUM',
    check: (value) => (/^utf-?8$/i.test(value) ? null : 'Only UTF-8 is supported'),
  },
];

/** By class name, as `/connector-plugins` lists them. */
export const converterClasses: readonly ConverterClass[] = [
  {
    className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
    kind: 'converter',
    def: [converterType],
  },
  { className: 'org.apache.kafka.connect.json.JsonConverter', kind: 'converter', def: jsonKeys },
  {
    className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    kind: 'header_converter',
    def: [],
  },
  { className: 'org.apache.kafka.connect.storage.StringConverter', kind: 'converter', def: stringKeys },
];

/** By full or simple name. `side` header: every converter is a header converter too. null: not known. */
export function findConverter(name: string, side: 'key' | 'value' | 'header' | 'any'): ConverterClass | null {
  const found = converterClasses.find(
    ({ className }) => className === name || className.endsWith(`.${name}`),
  );
  if (found === undefined) return null;
  return found.kind === 'header_converter' && (side === 'key' || side === 'value') ? null : found;
}

export function converterNames(side: 'key' | 'value' | 'header'): readonly string[] {
  return converterClasses
    .filter(({ kind }) => side === 'header' || kind === 'converter')
    .map(({ className }) => className)
    .sort();
}

/** Every setting that a converter of any side may be given, by its whole name. */
export const converterSettings: readonly string[] = ['key', 'value', 'header'].flatMap((side) =>
  [...jsonKeys, ...stringKeys].map(({ name }) => `${side}.converter.${name}`),
);
