import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SqliteDatabase } from '../../../connectors/sqlite/database.ts';
import { toSourceError } from '../../../connectors/sqlite/source/errors.ts';

it('a file that may not grow is a full target, with what to do', async () => {
  const root = mkdtempSync(join(tmpdir(), 'syncline-full-'));
  const database = await SqliteDatabase.open(join(root, 'x.db'), 'x.db');
  database.run('CREATE TABLE t (v BLOB)');
  database.all('PRAGMA max_page_count = 4');
  let failure: unknown = null;
  try {
    database.run('INSERT INTO t VALUES (zeroblob(1000000))');
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ code: 'TARGET_FULL', retriable: true });
  expect(toSourceError(failure)).toMatchObject({ code: 'SOURCE_FAILED', retriable: true });
  expect(failure).toHaveProperty('hint.en', expect.stringContaining('make room'));
  database.close();
  rmSync(root, { recursive: true });
});
