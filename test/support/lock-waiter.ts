// Whether any transaction on the suite's MariaDB waits for a row lock.
import { setTimeout as pause } from 'node:timers/promises';
import type { MysqlBed } from './mysql-bed.ts';

/** InnoDB renews this table only when it was not read for 100 ms: asked faster it would say the same for ever. */
const RENEWED_AFTER_MS = 250;

export async function hasLockWaiter({ root }: MysqlBed): Promise<boolean> {
  await pause(RENEWED_AFTER_MS);
  const [rows] = await root.query('SELECT 1 FROM information_schema.innodb_lock_waits');
  return Array.isArray(rows) && rows.length > 0;
}
