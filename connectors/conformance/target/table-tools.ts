// Tables as the checks of SQL targets make them, and what a store says of one that it refuses.
import assert from 'node:assert/strict';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { noSignal, pairs } from './run-tools.ts';
import type { SqlTargetBed, TargetBed } from './target-bed.ts';

export async function refusalOf(
  bed: TargetBed,
  table: string,
  options: { schema?: RowSchema; config?: ConnectorConfig } = {},
): Promise<SyncError> {
  const store = await bed.plugin.openStore(bed.configOf(table, options.config), noSignal);
  try {
    const prepared = await store.prepareTable(options.schema ?? pairs);
    throw new Error(`not refused: ${JSON.stringify(prepared)}`);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return error;
  } finally {
    await store.close();
  }
}

export function includes(text: string, part: string): void {
  assert.ok(text.includes(part), `${part} is not in: ${text}`);
}

export function textOf({ text = 'VARCHAR(20)' }: SqlTargetBed): string {
  return text;
}

export function wholeOf({ whole = 'INT' }: SqlTargetBed): string {
  return whole;
}

/** By somebody else. */
export function make(bed: SqlTargetBed, table: string, columns: string): Promise<void> {
  return bed.execute(`CREATE TABLE ${table} (${columns}) ${bed.tableAttributes ?? ''}`);
}
