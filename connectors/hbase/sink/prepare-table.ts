// Looks at the target table before a run's first row, and makes it with auto.create.
import { SyncError } from '../../../src/core/errors.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { TableNotes } from '../../../src/core/connector/sink-store.ts';
import type { HBaseClient } from '../client/client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import { planSink, saltSplitKeys } from './sink-plan.ts';
import type { SinkPlan } from './sink-plan.ts';
import { tableDoubts } from './sink-table-doubts.ts';
import type { TableSchema } from '../client/messages/table-schema.ts';

export interface PreparedTable extends TableNotes {
  readonly plan: SinkPlan;
  /** All that the table has: a row is removed from each. */
  readonly families: readonly string[];
}

/** Throws TARGET_SCHEMA, MAPPING_INVALID, KEYS_MAY_MERGE, HBaseError. */
export async function prepareTable(
  client: HBaseClient,
  config: HBaseSinkConfig,
  schema: RowSchema,
): Promise<PreparedTable> {
  const plan = planSink(config, schema);
  const families = [...new Set(plan.fields.map(({ family }) => family.toString()))];
  const { made, found } = await findOrCreate(client, config, families);
  return {
    plan,
    families: found.families.map(({ name }) => name.toString()),
    notes: made ? [{ en: `the table ${config.table} was created`, zh: `已创建表 ${config.table}` }] : [],
    doubts: [...plan.doubts, ...tableDoubts(found, families)],
  };
}

/** What `prepareTable` would say, without making anything. */
export async function foreseeTable(
  client: HBaseClient,
  config: HBaseSinkConfig,
  schema: RowSchema,
): Promise<TableNotes & { readonly plan: SinkPlan; readonly found: TableSchema | null }> {
  const plan = planSink(config, schema);
  const families = [...new Set(plan.fields.map(({ family }) => family.toString()))];
  const found = await client.admin.describeTable(config.table);
  if (found === undefined) return { plan, found: null, notes: [], doubts: plan.doubts };
  requireFamilies(found, families);
  return { plan, found, notes: [], doubts: [...plan.doubts, ...tableDoubts(found, families)] };
}

async function findOrCreate(
  client: HBaseClient,
  config: HBaseSinkConfig,
  families: readonly string[],
): Promise<{ readonly made: boolean; readonly found: TableSchema }> {
  const { table } = config;
  const found = await client.admin.describeTable(table);
  if (found === undefined) {
    if (!config.autoCreate)
      throw new SyncError('TARGET_SCHEMA', {
        message: `${table} does not exist; create it, or set auto.create=true`,
        field: 'table.name.format',
      });
    const attributes = new Map<string, string>();
    const schemas = families.map((family) => ({ name: Buffer.from(family), attributes }));
    return {
      made: await createTable(client, config, families),
      found: { table, attributes, families: schemas },
    };
  }
  requireFamilies(found, families);
  return { made: false, found };
}

function requireFamilies({ table, families: found }: TableSchema, families: readonly string[]): void {
  const known = found.map(({ name }) => name.toString());
  const missing = families.find((family) => !known.includes(family));
  if (missing === undefined) return;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table} has no family '${missing}' (it has ${known.join(', ')}); add it (hbase shell: alter '${table}', NAME => '${missing}'), or name another one in hbase.family or hbase.columns`,
    field: 'hbase.family',
  });
}

/** false: somebody else was faster. */
async function createTable(
  client: HBaseClient,
  { table, presplit, saltBuckets }: HBaseSinkConfig,
  families: readonly string[],
): Promise<boolean> {
  try {
    await client.admin.createTable({
      table,
      families: Object.fromEntries(families.map((family) => [family, {}])),
      splitKeys: presplit ? saltSplitKeys(saltBuckets) : [],
    });
    return true;
  } catch (error) {
    // An older task of the job, or somebody else, was faster.
    if (error instanceof Error && error.message.includes('TableExistsException')) return false;
    throw error;
  }
}
