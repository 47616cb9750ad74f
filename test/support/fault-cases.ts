// Small inputs of faults that were met (test/golden/cases): rows, tables, jobs and what must come out of them.
import { readFileSync } from 'node:fs';

/** `name`: of the file, without its ending. */
export function readCase<T>(name: string): T {
  const file = new URL(`../golden/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
