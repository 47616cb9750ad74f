// A PostgreSQL table made fit for a run's rows, and the way they go into it.
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { quoteStandard } from '../../src/core/connector/sql-identifier.ts';
import { createTableSql } from '../sql/target/create-table.ts';
import { qualified } from '../sql/target/dialect.ts';
import { countRows } from '../sql/target/find-rows.ts';
import { prepareTable } from '../sql/target/prepare-table.ts';
import type { TableWriter } from '../sql/target/sql-target.ts';
import { maxNameBytes, type PostgresSinkConfig } from './config.ts';
import { dialect } from './dialect.ts';
import type { PostgresSession } from './session/session.ts';
import { fitOf, keyTypeOf, typeOf } from './table/column-fit.ts';
import { describeTable, type PostgresColumn, type PostgresKey } from './table/describe-table.ts';
import { keyColumnOf } from './table/key-columns.ts';
import { deleteKeyBytes, deleteRows } from './write/delete-rows.ts';
import type { PostgresPlan } from './write/plan.ts';
import { writeRows } from './write/write-rows.ts';

export async function preparePostgresTable(
  session: PostgresSession,
  config: PostgresSinkConfig,
  schema: RowSchema,
): Promise<TableWriter<PostgresSession>> {
  const name = `${config.schema}.${config.table}`;
  const table = qualified(dialect, config.schema, config.table);
  const prepared = await prepareTable<PostgresColumn, PostgresKey>(
    {
      name,
      table,
      maxNameBytes,
      fits: fitOf,
      typeOf,
      keyColumn: keyColumnOf,
      addUnique: (_, columns) =>
        `ALTER TABLE ${table} ADD UNIQUE (${columns.map(quoteStandard).join(', ')});`,
      describe: () => describeTable(session, config),
      create: (rows) =>
        session.command(createTableSql({ ...rows, name, table }, dialect, { typeOf, keyTypeOf })),
    },
    config,
    schema,
  );
  const { ready, mergesKeys, shape } = prepared;
  const isEmpty = prepared.isNew || (await countRows({ session, plan: prepared.plan }, 1)) === 0;
  const plan: PostgresPlan = {
    ...prepared.plan,
    isFresh: { value: isEmpty },
    uniqueKeys: shape.uniqueKeys,
  };
  return {
    ready: { ...ready, notes: [...config.target.notes, ...ready.notes] },
    plan,
    mergesKeys,
    writeRows: (on, batch) => writeRows(on, plan, batch),
    deleteRows: (on, batch) => deleteRows(on, plan, batch),
    deleteKeys: (on, keys) => deleteKeyBytes(on, plan, keys),
  };
}
