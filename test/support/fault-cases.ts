// Small inputs of faults that were met (test/golden/cases): rows, tables, jobs; `right` says what must come out. As jobs of the product
// they run HBase → Kafka → MariaDB.
import { readFileSync } from 'node:fs';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { putRow } from '../../connectors/hbase/client/mutate/mutations.ts';
import type { StackEndpoints } from '../../src/stack/stack-endpoints.ts';
import type { JobBody } from './job-runs.ts';
import { placeOf } from './hbase-cluster.ts';
import type { MysqlBed } from './mysql-bed.ts';

type CaseBytes = string | { readonly hex: string };

/** A row as it is put: cells of family, qualifier, value and, where the writer set one, a timestamp (ms, or a sum with NOW_MS). */
export interface CaseRow {
  readonly key: CaseBytes;
  readonly cells: readonly (readonly [CaseBytes, CaseBytes, CaseBytes, (number | string)?])[];
}

export interface FaultCase {
  /** Of the target, before the first run. */
  readonly ddl?: string;
  readonly families?: readonly string[];
  readonly before?: readonly CaseRow[];
  readonly rows?: readonly CaseRow[];
  readonly rows_chain?: readonly CaseRow[];
  readonly rows_exchange?: readonly CaseRow[];
  readonly job: JobBody;
  readonly second?: { readonly ddl: string; readonly rows: readonly CaseRow[] };
  readonly as_key?: { readonly ddl: string; readonly row_keys: readonly string[] };
  readonly self_reference?: { readonly ddl: string; readonly rows: readonly CaseRow[] };
  readonly tables?: readonly string[];
  readonly hbaseTable?: string;
  readonly schedule?: { readonly cron: string; readonly timeZone: string };
  readonly source?: Readonly<Record<string, string>>;
  readonly sink?: Readonly<Record<string, string>>;
  readonly record?: unknown;
}

/** `name`: of the file, without its ending. */
export function readCase(name: string): FaultCase {
  const file = new URL(`../golden/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as FaultCase;
}

const accountKeys = ['connection.url', 'connection.user', 'connection.password'];

/** The case's job on the stack: places and accounts filled in, the source's table under the name that it has there. */
export function jobOnStack(
  { job }: FaultCase,
  on: { readonly stack: StackEndpoints<'hbase'>; readonly mysql: MysqlBed; readonly table: string },
): JobBody {
  const account = on.mysql.configOf('');
  return {
    ...job,
    name: on.table,
    source: {
      ...job.source,
      config: { ...job.source.config, ...placeOf(on.stack.hbase), 'pkuse.hbase.table.name': on.table },
    },
    sink: {
      ...job.sink,
      config: {
        ...job.sink.config,
        ...Object.fromEntries(accountKeys.map((key) => [key, account[key] ?? ''])),
      },
    },
  };
}

export async function putCase(hbase: HBaseClient, table: string, rows: readonly CaseRow[]): Promise<void> {
  await hbase.mutateRows(
    table,
    rows.map(({ key, cells }) =>
      putRow(
        bytesOf(key),
        cells.map(([family, qualifier, value, at]) => ({
          family: bytesOf(family),
          qualifier: bytesOf(qualifier),
          value: bytesOf(value),
          ...(at === undefined ? {} : { timestamp: timeOf(at) }),
        })),
      ),
    ),
  );
}

function bytesOf(text: CaseBytes): Buffer {
  if (typeof text !== 'string') return Buffer.from(text.hex, 'hex');
  const repeated = /^\(([\d,]+) times (.)\)$/.exec(text);
  return Buffer.from(
    repeated === null ? text : (repeated[2] ?? '').repeat(Number((repeated[1] ?? '').replaceAll(',', ''))),
  );
}

/** `NOW_MS`, alone or with one operation: `NOW_MS - 3600000`. */
function timeOf(at: number | string): bigint {
  if (typeof at === 'number') return BigInt(at);
  const [, operator = '', by = '0'] = /^NOW_MS(?: ([-+*/]) (\d+))?$/.exec(at) ?? [];
  const [now, other] = [BigInt(Date.now()), BigInt(by)];
  if (operator === '-') return now - other;
  if (operator === '*') return now * other;
  return operator === '/' ? now / other : now + other;
}
