// Secrets are taken out of every text that leaves the process, in whatever form they stand there.
import { expect, test } from 'vitest';
import { createScrub, secretsOf } from '../../executors/scrub-secrets.ts';

test('a secret is masked as it is, in a URL, in JSON and inside another word', () => {
  const secret = 'p@ss"wörd/1';
  const scrub = createScrub([secret]);
  const text = `${secret} ${encodeURIComponent(secret)} ${JSON.stringify(secret)} x${secret}x`;
  expect(scrub(text)).toBe('*** *** "***" x***x');
});

test('a very short secret is masked where it stands alone', () => {
  expect(createScrub(['ab'])('ab about ab, tab')).toBe('*** about ***, tab');
});

test('a longer secret wins over one that is its beginning', () => {
  expect(createScrub(['abcd', 'abcdef'])('abcdef abcd')).toBe('*** ***');
});

test('a password in a JDBC URL is masked although nobody declared it', () => {
  expect(createScrub([])('jdbc:mysql://h/db?user=u&password=geheim&x=1')).toBe(
    'jdbc:mysql://h/db?user=u&password=***&x=1',
  );
});

test('secret keys are the declared ones, and those whose name says so', () => {
  const key = {
    type: 'PASSWORD',
    importance: 'HIGH',
    documentation: '',
    group: '',
    displayName: '',
    width: 'SHORT',
  } as const;
  const config = { pin: '1234', 'ssl.keystore.password': 'store', 'api.token': 't0k', user: 'u', empty: '' };
  expect(secretsOf({ connector: 'x', config }, [{ ...key, name: 'pin' }])).toEqual(['1234', 'store', 't0k']);
});
