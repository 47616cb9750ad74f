// Where the jobs of suites write that start Syncline as processes: a table `copy`, of which a row can be held.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';
import { hasLockWaiter } from './lock-waiter.ts';
import { openMysqlBed, type MysqlBed } from './mysql-bed.ts';
import { openPostgresBed, type PostgresBed } from './postgresql-bed.ts';
import type { TestStack } from './stack-setup.ts';

export interface SyncTarget<B extends SinkBed = SinkBed> {
  readonly bed: B;
  readonly connector: string;
  /** Of Syncline's own database beside the table: SYNCLINE_DATABASE. */
  readonly databaseUrl: string;
  configOf(table: string, more?: ConnectorConfig): ConnectorConfig;
  /** Locks the row of a key until `letGo`. */
  hold(key: string): Promise<void>;
  /** A transaction of the sink waits for the row. */
  isWaitedFor(): Promise<boolean>;
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export async function openMysqlTarget(stack: TestStack): Promise<SyncTarget<MysqlBed>> {
  const bed = await openMysqlBed(stack.mariadb);
  const { host, port, user, password } = stack.mariadb;
  return {
    bed,
    connector: 'io.syncline.mysql.MySqlSinkConnector',
    databaseUrl: `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${bed.database}`,
    configOf: (table, more) => bed.configOf(table, more),
    hold: async (key) => {
      await bed.root.query('BEGIN');
      await bed.root.query('SELECT id FROM copy WHERE id = ? FOR UPDATE', [key]);
    },
    isWaitedFor: () => hasLockWaiter(bed),
    letGo: async () => {
      await bed.root.query('ROLLBACK');
    },
    close: () => bed.close(),
  };
}

/** Under the name of Confluent's JDBC sink, as users of Kafka Connect write it. */
export async function openPostgresTarget(stack: TestStack): Promise<SyncTarget<PostgresBed>> {
  const bed = await openPostgresBed(stack.postgresql);
  const url = new URL(stack.postgresql.url);
  url.pathname = `/${bed.database}`;
  return {
    bed,
    connector: 'io.confluent.connect.jdbc.JdbcSinkConnector',
    databaseUrl: url.href,
    configOf: (table, more) => bed.configOf(table, more),
    hold: async (key) => {
      await bed.root.query('BEGIN');
      await bed.root.query('SELECT id FROM copy WHERE id = $1 FOR UPDATE', [key]);
    },
    isWaitedFor: async () => {
      // In a transaction the first look would be the last.
      await bed.root.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await bed.root.query(
        `SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'`,
        [bed.user],
      );
      return rows.length > 0;
    },
    letGo: async () => {
      await bed.root.query('ROLLBACK');
    },
    close: () => bed.close(),
  };
}
