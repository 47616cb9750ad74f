// Each small input of a fault that was met has a test that names it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const cases = readdirSync(join(root, 'test/golden/cases')).map((file) => file.split('-', 1)[0] ?? '');

it('has a test for every case', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  const named = new Set(
    tests
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((file) => [
        ...readFileSync(join(root, 'test', file), 'utf8').matchAll(/(?:'|\(case |, )(F\d+)(?=[:,)])/g),
      ])
      .map(([, name]) => name),
  );
  expect(cases.filter((name) => !named.has(name))).toEqual([]);
});
