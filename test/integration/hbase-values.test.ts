// Values, as the whole product moves them: cells of every encoding in a table of HBase, a job of its own for each policy, HBase → Kafka →
// MariaDB, and the target compared digit for digit with what the Java classes that wrote the cells say.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { encodingNames } from '../../connectors/hbase/encodings/all-encodings.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import { ownVectors, readJavaVectors } from '../support/encoding-vectors.ts';
import type { EncodingVector } from '../support/encoding-vectors.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { putRows } from '../support/read-table.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';
import { connectHbase, dropTable, hbaseJobSource } from '../support/hbase-cluster.ts';
import { english } from '../support/english.ts';

const stack = inject('stack');
const LIMIT_MS = 60_000;

/** Vectors that one column holds, one a row. */
type Group = readonly [EncodingVector, ...EncodingVector[]];

const groups = groupVectors([...readJavaVectors(), ...ownVectors]);
const height = Math.max(...groups.map((group) => group.length));
const misfits = groups.flat().filter(({ text }) => text === '!').length;
/** The column of a group whose `n`th vector is refused. */
const failing = groups.findIndex((group) => group[0].encoding === 'base64');
const failingRow = groups[failing]?.findIndex(({ text }) => text === '!') ?? -1;

interface EndedRun {
  readonly state: string;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly report: RunReport | null;
}

describe.skipIf(stack === null)('cells of every encoding', () => {
  const table = `values_${process.pid}_${Date.now().toString(36)}`;
  let hbase: HBaseClient;
  let mysql: MysqlBed;
  let syncline: SynclineProcess;

  beforeAll(async () => {
    if (stack === null) return;
    hbase = connectHbase(stack.hbase);
    mysql = await openMysqlBed(stack.mariadb);
    await hbase.admin.createTable({ table, families: { v: {} }, splitKeys: [Buffer.from(keyOf(9))] });
    await putRows(
      hbase,
      table,
      Array.from({ length: height }, (_, row) => ({ key: Buffer.from(keyOf(row)), columns: cellsOf(row) })),
    );
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await dropTable(hbase, table);
    hbase.close();
    await mysql.close();
  });

  it('are there, all that the product has', () => {
    const tried = new Set(groups.map(([{ encoding }]) => encoding));
    expect(encodingNames.filter((name) => !tried.has(name))).toEqual([]);
    expect(misfits).toBeGreaterThan(20);
  });

  it('reach the target digit for digit; cells that do not fit are NULL, counted, and change no count of rows', async () => {
    const { state, report } = await runJob('null');
    expect([state, report?.outcome]).toEqual(['succeeded', 'proved']);
    expect(report?.counts).toMatchObject({
      read: height,
      filtered: 0,
      emitted: height,
      written: height,
      dirty: 0,
      nulled: misfits,
    });
    expect(english(report?.notes).join('\n')).toContain(
      `cells of c${failing} that did not fit, written as NULL: 1`,
    );
    const columns = groups.map(([{ type }], index) => expressionOf(type, `c${index}`));
    const rows = await mysql.readRows('copy_null', ['id', ...columns]);
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: height }, (_, row) => keyOf(row)));
    const wrong = groups.flatMap((group, column) =>
      rows.flatMap((row, index) => misread(group[index], row[column + 1] ?? null) ?? []),
    );
    expect(wrong).toEqual([]);
    expect(await mysql.readRows('syncline_run', ['SUM(nulled)', 'SUM(written)'])).toEqual([
      [String(misfits), String(height)],
    ]);
    expect(await mysql.readRows('syncline_split', ['SUM(nulled)'])).toEqual([[String(misfits)]]);
  }, 120_000);

  it('that do not fit put their row aside by default', async () => {
    const { state, report } = await runJob('dirty', { dirtyLimit: 1 });
    // Over a row that stays refused no run is proved.
    expect([state, report?.outcome]).toEqual(['succeeded', 'delivered']);
    expect(report?.counts).toMatchObject({ emitted: height, written: height - 1, dirty: 1, nulled: 0 });
    const [row] = await mysql.readRows('syncline_dirty', ['row_key', 'field', 'reason', 'bytes_hex']);
    expect(row).toEqual([
      keyOf(failingRow),
      `bad (from v:${failing})`,
      'not base64 text',
      hexOf(failing, failingRow),
    ]);
  }, 120_000);

  it('that do not fit fail the run at once where their field says so', async () => {
    const { state, reason, report } = await runJob('error', { dirtyLimit: 1000 });
    expect(state).toBe('failed');
    expect(reason).toMatchObject({
      code: 'VALUE_MISFIT',
      message: `reading row ${keyOf(failingRow)}, field bad (from v:${failing}): not base64 text; its bytes are ${hexOf(failing, failingRow)}, expected was base64 for a field of type varbinary`,
    });
    expect(report?.outcome).toBe('not-complete');
  }, 120_000);

  async function runJob(misfit: string, policy: Record<string, unknown> = {}): Promise<EndedRun> {
    const made = await syncline.api('POST', '/api/v1/jobs', jobOf(misfit, policy));
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const run = await syncline.api('POST', `/api/v1/jobs/${String(made.body['id'])}/runs`, { mode: 'full' });
    const runId = String(run.body['id']);
    let body: unknown;
    await waitUntil(
      `the run of ${misfit} ends`,
      async () => {
        ({ body } = await syncline.api('GET', `/api/v1/runs/${runId}`));
        return ['succeeded', 'failed', 'lost', 'timed-out'].includes((body as EndedRun).state);
      },
      LIMIT_MS,
    );
    return body as EndedRun;
  }

  function jobOf(misfit: string, policy: Record<string, unknown>): Record<string, unknown> {
    const everything = groups.map(([{ encoding, type, charset, zone }], index) => ({
      sourceFiled: `v:${index}`,
      targetFiled: `c${index}`,
      fieldType: type,
      encoding,
      misfit,
      ...(charset === undefined ? {} : { charset }),
      ...(zone === undefined ? {} : { zone }),
    }));
    const bad = {
      sourceFiled: `v:${failing}`,
      targetFiled: 'bad',
      fieldType: 'bytes',
      encoding: 'base64',
      misfit,
    };
    return {
      name: `${table} ${misfit}`,
      mode: 'full',
      policy,
      source: hbaseJobSource(
        stack,
        table,
        [
          { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
          ...(misfit === 'null' ? everything : [bad]),
        ],
        { 'pkuse.kafka.topic.prefix': `${misfit}_` },
      ),
      sink: { connector: 'io.syncline.mysql.MySqlSinkConnector', config: mysql.configOf(`copy_${misfit}`) },
    };
  }
});

function groupVectors(vectors: readonly EncodingVector[]): readonly Group[] {
  const found = new Map<string, Group>();
  for (const vector of vectors) {
    const { encoding, type, charset, zone } = vector;
    const name = [encoding, type, charset, zone].join('|');
    found.set(name, [...(found.get(name) ?? []), vector] as unknown as Group);
  }
  return [...found.values()];
}

function keyOf(row: number): string {
  return `r${String(row).padStart(3, '0')}`;
}

function cellsOf(row: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    groups.flatMap((group, index) => {
      const vector = group[row];
      return vector === undefined ? [] : [[`v:${index}`, Buffer.from(vector.hex, 'hex')] as const];
    }),
  );
}

function hexOf(column: number, row: number): string {
  return groups[column]?.[row]?.hex ?? '';
}

/** Text that loses nothing. */
function expressionOf(type: string, column: string): string {
  if (type === 'float' || type === 'double') return `CAST(${column} AS DOUBLE)`;
  return type === 'bytes' ? `HEX(${column})` : `CAST(${column} AS CHAR)`;
}

/** In words, what a cell became instead of its value; undefined: there is no cell. */
function misread(vector: EncodingVector | undefined, found: string | null): string | null {
  const { encoding = '', type = '', hex = '', text = null } = vector ?? {};
  const told = `${encoding} as ${type} from ${hex}: ${found ?? 'NULL'} instead of ${text ?? 'NULL'}`;
  if (text === null || text === '!') return found === null ? null : told;
  if (found === null) return told;
  if (type === 'float')
    return Math.fround(Number(found)) === Math.fround(Number(text.replace('=', ''))) ? null : told;
  if (type === 'double') return Number(found) === Number(text.replace('=', '')) ? null : told;
  const wanted = type === 'bytes' ? Buffer.from(text, 'latin1').toString('hex').toUpperCase() : text;
  return found === wanted ? null : told;
}
