// What the connection test of an SQLite target says of the rows that a run would write, and that it leaves the file as it is.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { english } from '../../support/english.ts';
import {
  fieldOf,
  noSignal,
  openRun,
  pairs,
  pairsOf,
  requestOf,
  type SinkBed,
} from '../../conformance/sink-bed.ts';
import { openSqliteBed } from './sqlite-bed.ts';

describe('rows foreseen by the test of an SQLite target', () => {
  let bed: SinkBed;
  beforeEach(async () => {
    bed = await openSqliteBed();
  });
  afterEach(() => bed.close());

  /** The step about the rows; whatever it says, nothing in the target is touched. */
  const foresee = async (rows: RowSchema, more = {}): Promise<CheckStep | undefined> => {
    const before = await bed.footprint();
    const steps = await bed.plugin.testConnection(bed.configOf('orders', more), noSignal, rows);
    expect(await bed.footprint()).toEqual(before);
    return steps.find(({ name }) => name === 'rows');
  };

  it('of a table that is still to be made are told by its statement', async () => {
    expect(await foresee(pairs)).toMatchObject({
      ok: true,
      detail: expect.stringContaining('CREATE TABLE IF NOT EXISTS `orders`') as string,
    });
  });

  it('whose columns are missing are refused with the statements that add all of them', async () => {
    await bed.execute('CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY)');
    const rows = {
      ...pairs,
      fields: [...pairs.fields, fieldOf('amount', { kind: 'decimal', precision: 9, scale: 2 })],
    };
    const step = await foresee(rows);
    expect(step).toMatchObject({ ok: false, code: 'TARGET_SCHEMA' });
    const statements = step?.detail.match(/ALTER TABLE [^;]*;/g) ?? [];
    expect(statements).toHaveLength(2);
    for (const statement of statements) await bed.execute(statement);
    expect(await foresee(rows)).toMatchObject({ ok: true });
  });

  it('that a column would not keep, and keys that may merge, are refused', async () => {
    await bed.execute('CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY, value INTEGER)');
    expect(await foresee(pairs)).toMatchObject({
      ok: false,
      code: 'TARGET_SCHEMA',
      detail: expect.stringContaining('does not hold every varchar(8) unchanged') as string,
    });
    await bed.execute(
      `DROP TABLE orders; CREATE TABLE orders (id ${bed.foldingKey} PRIMARY KEY, value TEXT)`,
    );
    expect(await foresee(pairs)).toMatchObject({ ok: false, code: 'KEYS_MAY_MERGE' });
    const allowed = await foresee(pairs, { 'keys.may.merge': 'true' });
    expect(allowed?.ok).toBe(true);
    expect(english(allowed?.doubts)).toEqual([expect.stringContaining('NOCASE') as string]);
  });

  it('that a trigger may change are in doubt, and runs will be delivered', async () => {
    await bed.execute(
      `CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY, value TEXT);
       CREATE TRIGGER shout AFTER INSERT ON orders BEGIN UPDATE orders SET value = upper(value); END`,
    );
    const step = await foresee(pairs);
    expect(step?.ok).toBe(true);
    expect(english(step?.doubts)).toEqual([expect.stringContaining('shout') as string]);
  });

  it('are the same before and after runs, in a file of either journal, with a ledger in it', async () => {
    await bed.execute('PRAGMA journal_mode = DELETE');
    expect(await foresee(pairsOf({ kind: 'int64' }))).toMatchObject({ ok: true });
    const config = bed.configOf('orders');
    const { store } = await openRun(bed, config);
    await store.close();
    const ledger = await bed.plugin.openLedger(config);
    await ledger.begin(requestOf('job of orders', 'task-9'));
    await ledger.close();
    expect(await foresee(pairs)).toMatchObject({ ok: true });
  });
});
