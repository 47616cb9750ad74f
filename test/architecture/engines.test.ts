// Every installed package runs on the oldest Node.js that the README names, so that `npm ci` says no warning there.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly engines?: { readonly node?: string } }>>;
}

const root = resolve(import.meta.dirname, '../..');
const oldest = [20, 19];

it('is true of every package in the lockfile', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const wrong = Object.entries(lock.packages)
    .map(([name, { engines }]) => ({ name, node: engines?.node ?? '*' }))
    .filter(({ node }) => !node.split('||').some(allowsOldest));
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});

/** Of one alternative of a range: its lower end is not above the oldest, and a caret or a tilde is on its major. */
function allowsOldest(range: string): boolean {
  const [, sign = '', major = '0', minor = '0'] = /(>=|\^|~|>)?\s*v?(\d+)(?:\.(\d+))?/.exec(range) ?? [];
  const [wantedMajor = 0, wantedMinor = 0] = oldest;
  if (range.trim() === '*') return true;
  if (sign === '>=' || sign === '>')
    return Number(major) < wantedMajor || (Number(major) === wantedMajor && Number(minor) <= wantedMinor);
  return Number(major) === wantedMajor && Number(minor) <= wantedMinor;
}
