// Why a run, once complete, is delivered and not proved: kept as long as its run, so that the ledger's word decides after restarts too.
import { createHash } from 'node:crypto';
import { text } from './sql-values.ts';
import type { LedgerSession } from './sql-session.ts';
import type { RunKey } from './ledger.ts';
import type { Text } from '../text.ts';

/** Two writers may say the same at once: it stays once. */
export async function addDoubts(session: LedgerSession, key: RunKey, doubts: readonly Text[]): Promise<void> {
  for (const { en, zh } of doubts)
    await session.write(
      `INSERT INTO ${session.table('syncline_doubt')} (job, epoch, doubt, en, zh) VALUES (?, ?, ?, ?, ?)
       ${session.dialect.keepExisting}`,
      [key.job, key.epoch, createHash('sha256').update(en).digest('hex'), en, zh],
    );
}

export async function readDoubts(session: LedgerSession, key: RunKey): Promise<readonly Text[]> {
  const rows = await session.read(
    `SELECT en, zh FROM ${session.table('syncline_doubt')} WHERE job = ? AND epoch = ? ORDER BY doubt`,
    [key.job, key.epoch],
  );
  return rows.map((row) => ({ en: text(row, 'en'), zh: text(row, 'zh') }));
}
