// Poms out of coordinates.
import { expect, test } from 'vitest';
import { expandBraces, makePom } from '../../src/stack/maven-pom.ts';

test('braces stand for each of their parts, a version among them where it differs', () => {
  expect(expandBraces('g:hbase-{client,server}:2.6')).toEqual(['g:hbase-client:2.6', 'g:hbase-server:2.6']);
  expect(expandBraces('g:commons-{lang3:3.18,text:1.10}')).toEqual([
    'g:commons-lang3:3.18',
    'g:commons-text:1.10',
  ]);
  expect(expandBraces('g:{a,b}-{c,d}:1')).toEqual(['g:a-c:1', 'g:a-d:1', 'g:b-c:1', 'g:b-d:1']);
  expect(expandBraces('g:plain:1')).toEqual(['g:plain:1']);
});

test('a pom lists every artifact, and without transitive ones it excludes what they ask for', () => {
  const whole = makePom(['g:{a,b}:1'], { transitive: true });
  expect(whole.match(/<dependency>/g)).toHaveLength(2);
  expect(whole).not.toContain('<exclusion>');
  expect(makePom(['g:{a,b}:1'], { transitive: false }).match(/<exclusion>/g)).toHaveLength(2);
});

test('a coordinate that has not three parts is refused', () => {
  expect(() => makePom(['g:a'], { transitive: true })).toThrow('not a Maven coordinate: g:a');
  expect(() => makePom(['g:a:1:jar'], { transitive: true })).toThrow('not a Maven coordinate');
});
