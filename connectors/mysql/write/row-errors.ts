// Errors of a statement that lie in one of its rows, and the row as it goes to the dirty store.
import { describeRow } from '../../../src/core/record/refused-row.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import type { RefusedRow } from '../../../src/core/connector/sink-store.ts';
import type { MysqlPlan } from './plan.ts';
import { errnoOf, stateClassOf } from '../session/server-errors.ts';

/** Not NULL, duplicate, too long for a page, out of range, truncated, bad date or text, foreign key, check, no partition, SIGNAL. */
const rowErrors = new Set([
  1022, 1048, 1062, 1118, 1138, 1169, 1216, 1261, 1262, 1263, 1264, 1265, 1292, 1300, 1301, 1365, 1366, 1367,
  1406, 1411, 1441, 1451, 1452, 1525, 1526, 1557, 1586, 1644, 1690, 1713, 1761, 1762, 3140, 3141, 3156, 3157,
  3819, 3903, 4025, 4038, 4078,
]);

/** Classes of SQLSTATE that are a row's in any case: a value that is none, a constraint. */
const rowStates = new Set(['22', '23']);

/** A text is compared with a column that has not all of its characters. */
const foreignText = new Set([1267, 1270, 1271]);

/** Warnings that say nothing of the rows: MySQL 8 finds VALUES() in an upsert outdated. */
const harmlessWarnings = new Set([1287, 1681]);

export function isRowError(error: unknown): boolean {
  const errno = errnoOf(error);
  if (errno === null) return false;
  return rowErrors.has(errno) || foreignText.has(errno) || rowStates.has(stateClassOf(error));
}

export function isForeignText(error: unknown): boolean {
  return foreignText.has(errnoOf(error) ?? 0);
}

export function isRowWarning(code: number): boolean {
  return !harmlessWarnings.has(code);
}

/** `said`: the server's words, e.g. `Data too long for column 'name' at row 1`; the row number is the statement's and left out. */
export function refuseRow(row: {
  readonly plan: MysqlPlan;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly said: string;
  /** Where the server did not say it. */
  readonly field?: string;
}): RefusedRow {
  const { plan, said } = row;
  const field = row.field ?? fieldIn(said, plan);
  const guarded = plan.guardKey && /cannot be null/.test(said) && !isNull(row.bytes, fieldIndex(plan, field));
  return describeRow({
    index: row.index,
    bytes: row.bytes,
    fields: plan.fields,
    key: plan.key,
    field: guarded ? '' : field,
    conflict: guarded || /Duplicate entry|foreign key constraint fails/.test(said),
    reason: guarded ? 'another row holds its values of another unique key' : said.replace(/ at row \d+$/, ''),
  });
}

/** The field that a message names, as `column 'x'`, `` `db`.`t`.`x` `` or `Field 'x'`; '' when it names none. */
function fieldIn(message: string, plan: MysqlPlan): string {
  const named = /(?:column|field) (?:`[^`]*`\.)*[`']([^`']+)[`']/i.exec(message)?.[1]?.toLowerCase();
  const index = plan.columns.findIndex((column) => column.toLowerCase() === named);
  return plan.fields[index]?.name ?? '';
}

function fieldIndex(plan: MysqlPlan, field: string): number {
  return plan.fields.findIndex((each) => each.name === field);
}

function isNull(bytes: Uint8Array, index: number): boolean {
  return (readRow(bytes)[index] ?? null) === null;
}
