// Secrets are taken out of every text that leaves the process, in whatever form they stand there; ordinary text is left whole.
import { expect, test } from 'vitest';
import { createScrub } from '../../src/core/secrets/scrub.ts';

test('a secret is masked as it is, in a URL, in JSON and inside another word', () => {
  const secret = 'p@ss"wörd/1';
  const scrub = createScrub([secret]);
  const text = `${secret} ${encodeURIComponent(secret)} ${JSON.stringify(secret)} x${secret}x`;
  expect(scrub(text)).toBe('*** *** "***" x***x');
});

test('a secret that stood encoded in a URL is masked in clear too', () => {
  expect(createScrub(['p%40ssword'])('p@ssword p%40ssword')).toBe('*** ***');
});

test('a short secret is masked as a whole word', () => {
  expect(createScrub(['root'])('user root, rooted, root@h')).toBe('user ***, rooted, ***@h');
});

test('a secret of a letter or three is masked only where it stands as a value', () => {
  const scrub = createScrub(['a', 'id']);
  expect(scrub('a row without an id is a problem')).toBe('a row without an id is a problem');
  expect(scrub("x=a, 'id', (a) key: id")).toBe("x=***, '***', (***) key: ***");
});

test('a longer secret wins over one that is its beginning', () => {
  expect(createScrub(['abcdefgh', 'abcdefghij'])('abcdefghij abcdefgh')).toBe('*** ***');
});

test('one line of a key in several lines is masked', () => {
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
  expect(
    createScrub([`-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----`])(`bad: ${line}`),
  ).toBe('bad: ***');
});

test.each([
  ['jdbc:mysql://h/db?user=u&password=geheim&x=1', 'jdbc:mysql://h/db?user=u&password=***&x=1'],
  ['connecting to redis://u:geheim@h:6379: refused', 'connecting to redis://u:***@h:6379: refused'],
])('a password in a URL is masked although nobody declared it: %s', (text, scrubbed) => {
  expect(createScrub([])(text)).toBe(scrubbed);
});

test('half a character and an empty secret do no harm', () => {
  expect(createScrub(['\ud800abcdefgh', ''])('x \ud800abcdefgh')).toBe('x ***');
});
