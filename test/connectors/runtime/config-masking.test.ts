// Secrets in what is shown, and the way back from their mask.
import { describe, expect, it } from 'vitest';
import { createConfigMasking } from '../../../connectors/runtime/config-masking.ts';
import type { ConfigDef } from '../../../src/core/connector/config-def.ts';

const key = { importance: 'LOW', documentation: '', group: '', displayName: '', width: 'NONE' } as const;
const def: ConfigDef = [
  { ...key, name: 'connection.password', type: 'PASSWORD' },
  { ...key, name: 'pin', type: 'PASSWORD', defaultValue: '' },
  { ...key, name: 'connection.url', type: 'STRING' },
  { ...key, name: 'token.column', type: 'STRING', defaultValue: null },
];
const masking = createConfigMasking(def);

describe('showing a configuration', () => {
  it('masks passwords of the definition, and unknown keys that are named like secrets', () => {
    expect(
      masking.showAll({
        'connection.password': 'a',
        pin: '1234',
        'some.api.key': 'k',
        'ssl.keystore.PASSWORD': 'p',
        'aws.secret.access': 's',
        'sasl.jaas.config': 'j',
        'token.column': 'shown, the definition knows it',
        'connection.url': 'jdbc:mysql://h/d',
        empty: '',
      }),
    ).toEqual({
      'connection.password': '***',
      pin: '***',
      'some.api.key': '***',
      'ssl.keystore.PASSWORD': '***',
      'aws.secret.access': '***',
      'sasl.jaas.config': '***',
      'token.column': 'shown, the definition knows it',
      'connection.url': 'jdbc:mysql://h/d',
      empty: '',
    });
  });

  it.each([
    ['jdbc:mysql://u:geheim@h:3306/d', 'jdbc:mysql://u:***@h:3306/d'],
    [
      'jdbc:mysql://h/d?user=u&password=geheim&useSSL=false',
      'jdbc:mysql://h/d?user=u&password=***&useSSL=false',
    ],
    ['https://h/x?access_token=geheim', 'https://h/x?access_token=***'],
    ['jdbc:mysql://h/d?trustStorePassword=geheim', 'jdbc:mysql://h/d?trustStorePassword=***'],
  ])('masks the secret inside %s', (url, shown) => {
    expect(masking.show('connection.url', url)).toBe(shown);
    expect(masking.restore({ 'connection.url': shown }, { 'connection.url': url })).toEqual({
      'connection.url': url,
    });
  });

  it('masks by name alone when the plugin is not known', () => {
    expect(createConfigMasking(null).showAll({ 'connection.password': 'x', file: 'f' })).toEqual({
      'connection.password': '***',
      file: 'f',
    });
  });
});

describe('a mask that comes back', () => {
  const stored = { 'connection.password': 'geheim', 'connection.url': 'jdbc:mysql://h/d' };

  it('stands for the stored value', () => {
    expect(masking.restore({ 'connection.password': '***' }, stored)).toEqual({
      'connection.password': 'geheim',
    });
  });

  it('does not stand for the value of another key, nor for what was never stored', () => {
    expect(masking.restore({ pin: '***', 'connection.url': '***' }, stored)).toEqual({
      pin: '***',
      'connection.url': '***',
    });
    expect(masking.unresolved({ pin: '***', 'connection.url': '***' })).toEqual(['pin']);
  });

  it('does not reach into the prototype', () => {
    expect(masking.restore({ constructor: '***', toString: '***' }, stored)).toEqual({
      constructor: '***',
      toString: '***',
    });
  });
});
