// A ledger that an earlier version made gets the columns it lacks when the next run begins.
import { expect, it } from 'vitest';
import { openRun, newTableName, splitOf } from '../../conformance/sink-bed.ts';
import { openSqliteBed } from './sqlite-bed.ts';

it('a ledger of an earlier version gets the columns for deletes', async () => {
  const bed = await openSqliteBed();
  const first = await openRun(bed, bed.configOf(newTableName()));
  await first.store.transaction((tx) => tx.putSplit(first.key, splitOf(0, { written: 3 })));
  await first.store.close();
  for (const table of ['syncline_split', 'syncline_run'])
    for (const column of ['deleted', 'removed'])
      await bed.execute(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  const second = await openRun(bed, bed.configOf(newTableName()));
  await second.store.transaction(async (tx) => {
    await tx.putSplit(second.key, splitOf(0, { deleted: 2, removed: 1 }));
    expect(await tx.readSplits(second.key)).toMatchObject([{ deleted: 2, removed: 1 }]);
    expect(await tx.readSplits(first.key)).toMatchObject([{ written: 3, deleted: 0, removed: 0 }]);
    expect(await tx.readRun(first.key)).toMatchObject({ counts: { written: 3, deleted: 0 } });
  });
  await second.store.close();
  await bed.close();
});
