// Behind the values of an INSERT: what becomes of a row whose key is there.
import type { SqlDialect } from '../../sql/target/dialect.ts';
import type { MysqlPlan } from './plan.ts';

export function behindInsert(plan: MysqlPlan, { quote }: Pick<SqlDialect, 'quote'>): string {
  if (plan.insertMode === 'insert') return '';
  const columns = plan.columns.map((column) => quote(column));
  const set = columns.flatMap((column, index) => {
    if (!plan.key.includes(index)) return [`${column} = VALUES(${column})`];
    // Found by another unique key, the row is not ours to change: NULL in a key column is an error.
    return plan.guardKey ? [`${column} = IF(${column} <=> VALUES(${column}), ${column}, NULL)`] : [];
  });
  const keyOnly = columns
    .filter((_, index) => plan.key.includes(index))
    .map((column) => `${column} = ${column}`);
  return ` ON DUPLICATE KEY UPDATE ${(set.length > 0 ? set : keyOnly).join(', ')}`;
}
