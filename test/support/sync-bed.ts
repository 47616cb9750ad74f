// An HBase table, a target database and the job between them, for suites that start Syncline as processes.
import { CellBlockCursor } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import { putRows } from './read-table.ts';
import type { TestStack } from './stack-setup.ts';
import type { MysqlBed } from './mysql-bed.ts';
import { openMysqlTarget, type SyncTarget } from './sync-target.ts';
import { connectHbase, dropTable, hbaseJobSource } from './hbase-cluster.ts';

export interface CopyBed {
  readonly target: SyncTarget;
  readonly hbase: HBaseClient;
  readonly table: string;
  /** Writes rows `from`…`to - 1` with the given content. */
  write(from: number, to: number, content: string): Promise<void>;
  /** Body of POST /api/v1/jobs. */
  job(more?: Record<string, unknown>): Record<string, unknown>;
  /** Rows of source and target that differ: key → [source, target]. */
  differences(): Promise<readonly (readonly [string, string | null, string | null])[]>;
  close(): Promise<void>;
}

const FIELDS = ['id', 'number', 'content'] as const;

/** With MariaDB as the target. */
export interface SyncBed extends CopyBed {
  readonly mysql: MysqlBed;
}

export async function openSyncBed(stack: TestStack, name: string): Promise<SyncBed> {
  const target = await openMysqlTarget(stack);
  return { ...(await openCopyBed(stack, name, target)), mysql: target.bed };
}

export async function openCopyBed(stack: TestStack, name: string, target: SyncTarget): Promise<CopyBed> {
  const hbase = connectHbase(stack.hbase);
  const table = `${name}_${Date.now().toString(36)}`;
  const splitKeys = ['2', '4', '6', '8', 'a', 'c', 'e'].map((key) => Buffer.from(key));
  await hbase.admin.createTable({ table, families: { f: {} }, splitKeys });
  return {
    target,
    hbase,
    table,
    write: (from, to, content) =>
      putRows(
        hbase,
        table,
        Array.from({ length: to - from }, (_, i) => ({
          key: Buffer.from(keyOf(from + i)),
          columns: { 'f:number': String(from + i), 'f:content': content },
        })),
      ),
    job: (more = {}) => ({
      name: `${table} and its copy`,
      source: hbaseJobSource(stack, table, [
        { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
        { sourceFiled: 'f:number', targetFiled: 'number', fieldType: 'bigint', ispk: '0' },
        { sourceFiled: 'f:content', targetFiled: 'content', fieldType: 'string', ispk: '0' },
      ]),
      sink: {
        connector: target.connector,
        config: target.configOf('copy', {
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'insert.mode': 'upsert',
        }),
      },
      mode: 'incremental',
      ...more,
    }),
    differences: async () => compare(await readSource(hbase, table), await readTarget(target)),
    close: async () => {
      await dropTable(hbase, table);
      hbase.close();
      await target.close();
    },
  };
}

/** Salted by the last digit's hex, so that all regions have rows. */
export function keyOf(number: number): string {
  return `${(number % 16).toString(16)}${String(number).padStart(9, '0')}`;
}

async function readSource(hbase: HBaseClient, table: string): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  const cursor = new CellBlockCursor();
  for await (const { buffer, rowCount, rowStarts } of hbase.scan({ table, range: wholeTable })) {
    for (let i = 0; i < rowCount; i += 1) {
      cursor.reset(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
      const values: Record<string, string> = {};
      let key = '';
      while (cursor.next()) {
        key = buffer.toString('utf8', cursor.rowStart, cursor.rowStart + cursor.rowLength);
        const qualifier = buffer.toString(
          'utf8',
          cursor.qualifierStart,
          cursor.qualifierStart + cursor.qualifierLength,
        );
        values[qualifier] = buffer.toString(
          'utf8',
          cursor.valueStart,
          cursor.valueStart + cursor.valueLength,
        );
      }
      rows.set(key, `${values['number'] ?? 'NULL'}|${values['content'] ?? 'NULL'}`);
    }
  }
  return rows;
}

async function readTarget({ bed }: SyncTarget): Promise<Map<string, string>> {
  const rows = await bed.readRows('copy', FIELDS);
  return new Map(
    rows.map(([id, number, content]) => [String(id), `${number ?? 'NULL'}|${content ?? 'NULL'}`]),
  );
}

function compare(
  source: ReadonlyMap<string, string>,
  target: ReadonlyMap<string, string>,
): (readonly [string, string | null, string | null])[] {
  const keys = new Set([...source.keys(), ...target.keys()]);
  return [...keys]
    .map((key) => [key, source.get(key) ?? null, target.get(key) ?? null] as const)
    .filter(([, a, b]) => a !== b)
    .slice(0, 20);
}
