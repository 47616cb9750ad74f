// What is secret in a configuration, and the way back from its mask.
import { describe, expect, it } from 'vitest';
import type { ConfigDef } from '../../src/core/connector/config-def.ts';
import {
  isSecret,
  keepStored,
  keysStillMasked,
  secretTexts,
  showConfig,
  showValue,
} from '../../src/core/secrets/secrets.ts';

const key = {
  importance: 'LOW',
  documentation: { en: '', zh: '' },
  group: '',
  displayName: '',
  width: 'NONE',
} as const;
const def: ConfigDef = [
  { ...key, name: 'connection.password', type: 'PASSWORD' },
  { ...key, name: 'hbase.rpc.tls.key', type: 'PASSWORD', defaultValue: null },
  { ...key, name: 'pin', type: 'PASSWORD', defaultValue: '' },
  { ...key, name: 'connection.url', type: 'STRING' },
  { ...key, name: 'token.column', type: 'STRING', defaultValue: null },
];

describe('a secret key', () => {
  it.each(['connection.password', 'hbase.rpc.tls.key', 'pin'])('is one that is declared: %s', (name) => {
    expect(isSecret(name, def)).toBe(true);
  });

  it('is not one that is declared as something else', () => {
    expect(isSecret('token.column', def)).toBe(false);
  });

  it.each([
    'ssl.keystore.PASSWORD',
    'db_passwd',
    'DB-PWD',
    'my.pass_phrase',
    'aws.secret.access',
    'access.token',
    'some.api.key',
    'apiKey',
    'API_KEY',
    'azure.account-key',
    'private.key',
    'ssl.keystore.key',
    'hbase.rpc.tls.key',
    'basic.auth.user.info',
    'producer.override.sasl.jaas.config',
    'http.authorization',
    'session.cookie',
    'user.credentials',
    '数据库.密码',
  ])('is an unknown one that is named like a secret: %s', (name) => {
    expect(isSecret(name, null)).toBe(true);
    expect(isSecret(name, [])).toBe(true);
  });

  it.each(['Pin', 'connection.pasword', 'conection.password', 'hbase.rpc.tlskey', 'hbase.rpc.tls.keys'])(
    'is a slip of the pen: %s',
    (name) => expect(isSecret(name, def)).toBe(true),
  );

  it.each(['topics', 'pk.fields', 'table.name.format', 'key.converter', 'hbase.row.key.delimiter'])(
    'is none of the usual ones: %s',
    (name) => expect(isSecret(name, null)).toBe(false),
  );
});

const urls: readonly (readonly [string, string])[] = [
  ['jdbc:mysql://u:geheim@h:3306/d', 'jdbc:mysql://u:***@h:3306/d'],
  ['jdbc:mysql://:geheim@h:3306/d', 'jdbc:mysql://:***@h:3306/d'],
  ['https://geheim@h/d', 'https://***@h/d'],
  ['mysql://u:ge/he@i?m@h/d', 'mysql://u:***@h/d'],
  ['mongodb://u:geheim@h1:1,h2:2/d?w=1', 'mongodb://u:***@h1:1,h2:2/d?w=1'],
  [
    'jdbc:mysql://h/d?user=u&password=geheim&useSSL=false',
    'jdbc:mysql://h/d?user=u&password=***&useSSL=false',
  ],
  ['jdbc:mysql://h/d?user=u&pass%77ord=geheim', 'jdbc:mysql://h/d?user=u&pass%77ord=***'],
  ['jdbc:mysql://h/d?password=ge heim&x=1', 'jdbc:mysql://h/d?password=***&x=1'],
  ["jdbc:mysql://h/d?password=ge'heim", 'jdbc:mysql://h/d?password=***'],
  ['jdbc:sqlserver://h;user=sa;Password=geheim;x=1', 'jdbc:sqlserver://h;user=sa;Password=***;x=1'],
  ['https://h/x?access_token=geheim', 'https://h/x?access_token=***'],
  ['jdbc:mysql://h/d?trustStorePassword=geheim', 'jdbc:mysql://h/d?trustStorePassword=***'],
  ['jdbc:oracle:thin:scott/geheim@//h:1521/x', 'jdbc:oracle:thin:scott/***@//h:1521/x'],
  [
    'PlainLoginModule required username="u" password="ge\\"heim";',
    'PlainLoginModule required username="u" password="***";',
  ],
  ['{"user":"u","password":"geheim"}', '{"user":"u","password":"***"}'],
  ['{\\"password\\": \\"geheim\\", \\"x\\": 1}', '{\\"password\\": \\"***\\", \\"x\\": 1}'],
  ['host=h password=geheim user=u', 'host=h password=*** user=u'],
];

describe('credentials inside a value', () => {
  it.each(urls)('are masked in %s, and come back', (value, shown) => {
    expect(showValue('connection.url', value, def)).toBe(shown);
    expect(keepStored({ 'connection.url': shown }, { 'connection.url': value }, def)).toEqual({
      'connection.url': value,
    });
  });

  it('come back although another part of the value was changed', () => {
    const stored = { 'connection.url': 'jdbc:mysql://u:geheim@old/d?password=hush' };
    const sent = { 'connection.url': 'jdbc:mysql://u:***@new/d?x=1&password=***' };
    expect(keepStored(sent, stored, def)).toEqual({
      'connection.url': 'jdbc:mysql://u:geheim@new/d?x=1&password=hush',
    });
  });

  it.each([
    'jdbc:mysql://h:3306/d?useSSL=true',
    'https://h:443/x?page=1',
    'h1:2181,h2:2181',
    '[{"sourceFiled":"f:token","targetFiled":"password","fieldType":"int","description":"the password"}]',
    'token',
    'a // comment: me@home',
  ])('are not seen where there are none: %s', (value) => {
    expect(showValue('x', value, def)).toBe(value);
  });

  it('are found in long values in reasonable time', () => {
    for (const value of [
      'a'.repeat(200_000),
      '//a:'.repeat(50_000),
      'a '.repeat(100_000),
      'a=@'.repeat(60_000),
    ])
      expect(showValue('x', value, def)).toBe(value);
  });
});

describe('a mask that comes back', () => {
  const stored = { 'connection.password': 'geheim', 'connection.url': 'jdbc:mysql://h/d' };

  it('stands for the stored value', () => {
    expect(keepStored({ 'connection.password': '***' }, stored, def)).toEqual({
      'connection.password': 'geheim',
    });
  });

  it('does not stand for the value of another key, nor for what was never stored', () => {
    const sent = { pin: '***', 'connection.url': 'jdbc:mysql://u:***@h/d' };
    const kept = keepStored(sent, stored, def);
    expect(kept).toEqual(sent);
    expect(keysStillMasked(kept, def)).toEqual(['pin', 'connection.url']);
  });

  it('does not reach into the prototype', () => {
    const sent = { constructor: '***', toString: '***' };
    expect(keepStored(sent, stored, def)).toEqual(sent);
  });
});

it('the secret texts of a configuration are the whole values and the credentials inside others', () => {
  const config = {
    pin: '1234',
    'my.token': 't',
    'connection.url': 'jdbc:mysql://u:a@h/d?password=b',
    empty: '',
  };
  expect(secretTexts(config, def)).toEqual(['1234', 't', 'a', 'b']);
  expect(showConfig(config, def)).toEqual({
    pin: '***',
    'my.token': '***',
    'connection.url': 'jdbc:mysql://u:***@h/d?password=***',
    empty: '',
  });
});
