// Validation beyond the recorded steps: types, ranges, converters, what is not supported, secrets.
import { describe, expect, it } from 'vitest';
import type { SentConfig } from '../../src/core/connector/config-def.ts';
import { ignoredKeys, validateConfig } from '../../src/worker/config/config-validation.ts';
import { createPluginRegistry } from '../../src/core/connector/plugin-registry.ts';
import type { ConfigDef, ConfigKey } from '../../src/core/connector/config-def.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';

const base = {
  importance: 'LOW',
  documentation: { en: '', zh: '' },
  displayName: '',
  width: 'NONE',
  group: 'G',
} as const;
const own: ConfigDef = [
  { ...base, name: 'ratio', type: 'DOUBLE', defaultValue: '0.5' },
  { ...base, name: 'small', type: 'SHORT', defaultValue: '1', max: 10 },
  { ...base, name: 'list', type: 'LIST', defaultValue: '' },
  { ...base, name: 'secret.pin', type: 'PASSWORD', defaultValue: null, check: () => 'too short' },
  {
    ...base,
    name: 'colour',
    type: 'STRING',
    defaultValue: 'red',
    check: (v) => (v === 'red' ? null : 'not red'),
  },
];
const source = {
  ...createFakeSource(),
  configDef: own,
  validate: (config: Readonly<Record<string, string>>) =>
    config.colour === 'red' && config.list === 'blue'
      ? [
          { key: 'list', value: 'blue', message: 'red and blue' },
          { key: 'elsewhere', value: null, message: 'and this' },
        ]
      : [],
};
const sink = createFakeSink(createMemoryTarget());
const registry = createPluginRegistry([source, sink]);

function check(config: SentConfig): ReturnType<typeof validateConfig> {
  return validateConfig(
    { workerVersion: '4.3.1', requirePlugin: (name) => registry.require(name) },
    { name: 'n', 'connector.class': 'FakeSource', ...config },
  );
}

function errorsOf(config: SentConfig): Readonly<Record<string, readonly string[]>> {
  const wrong = check(config).entries.filter(({ errors }) => errors.length > 0);
  return Object.fromEntries(wrong.map(({ name, errors }) => [name, errors]));
}

const invalid = (key: string, value: string, why: string): string =>
  `Invalid value ${value} for configuration ${key}: ${why}`;

describe('single values', () => {
  it.each([
    ['ratio', 'x', ['Not a number of type DOUBLE']],
    ['ratio', 'Infinity', ['Not a number of type DOUBLE']],
    ['small', '40000', ['Not a number of type SHORT']],
    ['small', '11', ['Value must be no more than 10']],
    ['tasks.max', '2147483648', ['Not a number of type INT']],
    ['tasks.max', '1.0', ['Not a number of type INT']],
    ['errors.retry.timeout', '9223372036854775808', ['Not a number of type LONG']],
    ['colour', 'blue', ['not red']],
    ['value.format', 'xml', ['String must be one of: json, row, json-plain']],
    ['end.marker', 'x', ['String must be one of: control, record']],
    ['syncline.lag.ms', '-1', ['Value must be at least 0']],
    ['exactly.once.support', 'required', ['delivery to the topic is at least once']],
    ['topic.creation.groups', 'g', ['not supported yet by this worker; remove it']],
    ['transforms', 't', ['not supported yet by this worker; remove it']],
    ['connector.plugin.version', '9', ['the installed version is 1']],
    ['value.converter.plugin.version', '9', ['the installed version is 4.3.1']],
    ['name', 'a/b', ["String may not contain '/' nor be a dot path"]],
    ['name', '..', ["String may not contain '/' nor be a dot path"]],
    ['name', 'x'.repeat(1_001), ['String may not be longer than 1000 characters']],
  ])('%s = %s', (key, value, why) => {
    expect(errorsOf({ [key]: value })[key]?.[0]).toBe(invalid(key, value, why[0] ?? ''));
  });

  it('shows values as they are understood', () => {
    const values = new Map(
      check({
        ratio: ' 1e1 ',
        small: '+7',
        list: ' a , b ',
        'tasks.max': '007',
        'errors.log.enable': 'TRUE',
      }).entries.map(({ name, value }) => [name, value]),
    );
    expect(
      ['ratio', 'small', 'list', 'tasks.max', 'errors.log.enable'].map((key) => values.get(key)),
    ).toEqual(['10', '7', 'a,b', '7', 'true']);
  });

  it('never shows a password, not even a wrong one', () => {
    const text = JSON.stringify(check({ 'secret.pin': 'geheim' }));
    expect(text).not.toContain('geheim');
    expect(text).toContain('Invalid value [hidden] for configuration secret.pin: too short');
  });
});

describe('rules between keys', () => {
  it('takes the plugin at its word, also for a key that nobody defined', () => {
    expect(errorsOf({ colour: 'red', list: 'blue' })).toEqual({
      list: ['red and blue'],
      elsewhere: ['and this'],
    });
  });

  it('asks the plugin also when one of its keys is wrong by itself', () => {
    expect(errorsOf({ colour: 'red', list: 'blue', small: 'x' })).toEqual({
      list: ['red and blue'],
      elsewhere: ['and this'],
      small: [
        invalid('small', 'x', 'Not a number of type SHORT'),
        invalid('small', 'null', 'Value must be non-null'),
      ],
    });
  });

  it('defines a key once when the plugin defines a common one again', () => {
    const again: ConfigKey = { ...base, name: 'tasks.max', type: 'INT', defaultValue: '3' };
    const twice = createPluginRegistry([{ ...source, configDef: [...own, again] }]);
    const { entries } = validateConfig(
      { workerVersion: '4.3.1', requirePlugin: (name) => twice.require(name) },
      { name: 'n', 'connector.class': 'FakeSource' },
    );
    expect(entries.filter(({ name }) => name === 'tasks.max')).toHaveLength(1);
  });
});

describe('converters', () => {
  it.each([
    'org.apache.kafka.connect.json.JsonConverter',
    'org.apache.kafka.connect.storage.StringConverter',
    'StringConverter',
    'org.apache.kafka.connect.converters.ByteArrayConverter',
  ])('accepts %s', (name) => {
    expect(
      errorsOf({
        'connector.class': 'FakeSink',
        topics: 't',
        'connection.password': 'p',
        'key.converter': name,
        'value.converter': name,
        'header.converter': name,
      }),
    ).toEqual({});
  });

  it.each([
    ['value.converter', 'io.confluent.connect.avro.AvroConverter'],
    ['key.converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter'],
    ['header.converter', 'nope'],
  ])('refuses %s = %s', (key, name) => {
    expect(errorsOf({ [key]: name })).toEqual({
      [key]: [invalid(key, name, `Class ${name} could not be found.`)],
    });
  });
});

describe('keys of Connect and Confluent that have no effect here', () => {
  it.each([
    ['fields.whitelist', 'a', 'mapping'],
    ['delete.enabled', 'true', 'key that ends in .deletes'],
    ['auto.evolve', 'true', 'change the target table'],
    ['db.timezone', 'Asia/Shanghai', 'UTC'],
    ['quote.sql.identifiers', 'never', 'always quoted'],
    ['max.retries', '10', 'retry.ms'],
    ['retry.backoff.ms', '3000', 'retry.ms'],
    ['connection.attempts', '3', 'retry.ms'],
    ['dialect.name', 'OracleDatabaseDialect', 'connection.url says'],
    ['jdbc.credentials.provider.class.name', 'x', 'connection.user'],
    ['errors.tolerance', 'all', 'dirty.limit'],
    ['errors.retry.timeout', '5', 'retry.ms'],
    ['producer.override.sasl.jaas.config', 'x password="geheim";', 'whole worker'],
    ['topic.creation.default.partitions', '3', 'executor'],
    ['transaction.boundary', 'interval', 'transactions'],
    ['offsets.storage.topic', 'o', 'files'],
    ['tasks.max', '3', 'write 1'],
    ['value.converter', 'org.apache.kafka.connect.storage.StringConverter', 'value.format'],
    ['value.converter.schemas.enable', 'false', 'json-plain'],
    ['key.converter', 'org.apache.kafka.connect.json.JsonConverter', 'StringConverter'],
    ['header.converter', 'org.apache.kafka.connect.json.JsonConverter', 'SimpleHeaderConverter'],
  ])('are refused by name: %s = %s', (key, value, instead) => {
    const [said = ''] = errorsOf({ [key]: value })[key] ?? [];
    expect(said).toContain(key);
    expect(said).toContain(instead);
    expect(said).not.toContain('geheim');
  });

  it.each([
    ['delete.enabled', 'false'],
    ['auto.evolve', 'FALSE'],
    ['db.timezone', 'UTC'],
    ['quote.sql.identifiers', 'always'],
    ['errors.tolerance', 'none'],
    ['errors.retry.timeout', '0'],
    ['errors.log.enable', 'true'],
    ['tasks.max', '1'],
    ['value.converter', 'org.apache.kafka.connect.json.JsonConverter'],
    ['key.converter', 'StringConverter'],
  ])('are accepted where they ask for what happens anyway: %s = %s', (key, value) => {
    expect(errorsOf({ [key]: value })).toEqual({});
  });
});

describe('unknown keys', () => {
  it.each([
    ['tpoic.creation.groups', 'topic.creation.groups'],
    ['pkuse.conector.name', 'pkuse.connector.name'],
    ['ratios', 'ratio'],
    ['Small', 'small'],
    ['db_timezones', 'db.timezone'],
  ])('are refused where they look like a slip of the pen: %s', (key, meant) => {
    expect(errorsOf({ [key]: '1' })).toEqual({
      [key]: [`There is no configuration ${key}: did you mean ${meant}?`],
    });
  });

  it('are accepted as in Connect where they are like none, and named with the nearest', () => {
    const { entries, errorCount } = check({ 'my.own.note': '1' });
    expect(errorCount).toBe(0);
    expect(entries.at(-1)).toMatchObject({ name: 'my.own.note', key: null, errors: [] });
    expect(entries.at(-1)?.recommended).toHaveLength(1);
  });

  it.each([
    [
      'more keys than anybody needs',
      Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, ''])),
    ],
    ['a name of blanks', { '  ': '1' }],
    ['a name with a NUL', { 'a\0b': '1' }],
    ['a name that is shown from right to left', { 'a\u202eb': '1' }],
    ['a name of half a character', { 'a\ud800': '1' }],
    ['a name without end', { ['a'.repeat(201)]: '1' }],
    ['a value without end', { ratio: '1'.repeat(4_000_001) }],
  ])('and what nobody configures with are refused: %s', (_what, config) => {
    expect(() => check(config)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('keys without effect', () => {
  it('names unknown ones and those that this worker has no use for', () => {
    expect(
      ignoredKeys(sink, {
        name: 'n',
        topics: 't',
        'connection.password': 'p',
        'value.converter': 'x',
        'value.converter.schemas.enable': 'true',
        'syncline.job': 'j',
        'pkuse.task.id': '1',
        'dirty.limit': '3',
        'errors.log.enable': 'true',
        'file.root': '/',
        ['__proto__x']: '1',
      }),
    ).toEqual(['errors.log.enable', 'file.root', '__proto__x']);
  });
});
