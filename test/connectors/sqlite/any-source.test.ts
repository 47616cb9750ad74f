// The SQL source over an SQLite file: any value in any column.
import { describeAnySource } from '../../conformance/any-source-values.ts';
import { anySqliteColumn } from '../../support/any-sqlite-source.ts';
import { oneOf } from '../../support/any-values.ts';
import { openSqliteSourceBed } from '../../support/sqlite-source-bed.ts';

describeAnySource('SQLite', {
  openBed: async () => {
    const bed = await openSqliteSourceBed();
    await bed.execute('PRAGMA synchronous = OFF');
    return bed;
  },
  anyColumn: anySqliteColumn,
  options: (random) => oneOf(random, ['', '', '', 'WITHOUT ROWID']),
});
