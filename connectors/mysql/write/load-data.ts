// The fast path: LOAD DATA LOCAL … REPLACE of row bytes as they came from the log.
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { MysqlPlan } from './plan.ts';
import type { MysqlSession, WriteResult } from '../session/session.ts';

/** Only a name that the server gives back; no file of this name is ever opened. */
const fileName = 'syncline-rows';

/** With REPLACE and a strict sql_mode a value that does not fit is an error, and the statement is undone. */
export function loadDataSql(plan: MysqlPlan): string {
  return `LOAD DATA LOCAL INFILE '${fileName}' REPLACE INTO TABLE ${plan.table} CHARACTER SET ${plan.loadCharset ?? 'binary'}
    FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${plan.columns.map(quoteIdentifier).join(', ')})`;
}

export function loadRows(session: MysqlSession, sql: string, bytes: Buffer): Promise<WriteResult> {
  return session.load(sql, fileName, bytes);
}
