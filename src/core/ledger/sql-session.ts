// What the ledger's SQL needs from a target: one transaction to run statements in, and the words in which dialects differ.
// No I/O here: connectors/<sql target> implement LedgerSession, ledger-rows.ts and ledger-decisions.ts speak through it.

export const ledgerTables = [
  'syncline_job',
  'syncline_run',
  'syncline_partition',
  'syncline_split',
  'syncline_doubt',
  'syncline_dirty',
  'syncline_removal',
] as const;
export type LedgerTable = (typeof ledgerTables)[number];

/** A value bound to a statement. Numbers are safe integers. */
type LedgerValue = string | number | null;
export type LedgerRow = Readonly<Record<string, unknown>>;

export interface LedgerDialect {
  /** Appended to a SELECT: the row stays unchanged, or ours alone, until the transaction ends. */
  readonly sharedLock: string;
  readonly exclusiveLock: string;
  /**
   * A SELECT that waits for its turn at a job, named by its one value: where row locks alone would let those who share one overtake
   * for ever who wants it alone.
   */
  readonly beforeLock?: { readonly shared: string; readonly exclusive: string };
  /** Equality under which two NULLs are equal. */
  readonly same: string;
  /** Appended to an INSERT: a row that is there already stays as it is. */
  readonly keepExisting: string;
}

/** One open transaction. Statements run one after the other, values are bound to `?`. */
export interface LedgerSession {
  readonly dialect: LedgerDialect;
  /** The table's name as it stands in a statement, qualified and quoted. */
  table(name: LedgerTable): string;
  read(sql: string, values: readonly LedgerValue[]): Promise<readonly LedgerRow[]>;
  /** Number of rows that matched, changed by the statement or not. */
  write(sql: string, values: readonly LedgerValue[]): Promise<number>;
}

/** Column types of a dialect, to declare the ledger tables with. */
export interface LedgerColumns {
  /** Text compared byte by byte, at most 255 characters. */
  readonly key: string;
  /** Text of any length that is only stored. */
  readonly text: string;
  readonly integer: string;
  /** When the row was made, filled in by the target. */
  readonly createdAt: string;
}

/** What stands in the brackets of `CREATE TABLE <name> (…)`. */
export function declareLedgerTables(type: LedgerColumns): Readonly<Record<LedgerTable, string>> {
  const { key, text, integer } = type;
  return {
    // target_table is unique: two jobs on one table would overwrite each other's rows unseen.
    syncline_job: `job ${key} NOT NULL PRIMARY KEY, epoch ${integer} NOT NULL, task_id ${key} NOT NULL,
      watermark ${key} NULL, digest ${key} NOT NULL, target_table ${key} NOT NULL UNIQUE,
      trust ${text} NOT NULL`,
    // Its counts are written when the run is closed: its splits' rows go before its own does. aside: see sql-aside.ts.
    syncline_run: `job ${key} NOT NULL, epoch ${integer} NOT NULL, task_id ${key} NOT NULL, state ${key} NOT NULL,
      base ${key} NULL, plan_id ${key} NULL, plan_splits ${integer} NULL, window_from ${key} NULL,
      window_to ${key} NULL, plan_detail ${text} NULL, read_rows ${integer} NULL, filtered ${integer} NULL, nulled ${integer} NULL,
      written ${integer} NULL, dirty ${integer} NULL, deleted ${integer} NULL, removed ${integer} NULL,
      skipped ${integer} NOT NULL, ended ${integer} NOT NULL, aside ${text} NULL, began_at ${type.createdAt}, PRIMARY KEY (job, epoch)`,
    syncline_partition: `job ${key} NOT NULL, epoch ${integer} NOT NULL, topic ${key} NOT NULL,
      partition_no ${integer} NOT NULL, next_offset ${integer} NOT NULL, log_incarnation ${key} NOT NULL,
      PRIMARY KEY (job, epoch, topic, partition_no)`,
    syncline_split: `job ${key} NOT NULL, epoch ${integer} NOT NULL, split_no ${integer} NOT NULL,
      partition_no ${integer} NOT NULL, attempt ${key} NOT NULL, written ${integer} NOT NULL, dirty ${integer} NOT NULL,
      deleted ${integer} NOT NULL, removed ${integer} NOT NULL, read_rows ${integer} NULL, filtered ${integer} NULL,
      nulled ${integer} NULL, kept ${text} NOT NULL,
      ended_as ${integer} NULL, PRIMARY KEY (job, epoch, split_no)`,
    // A run's doubts are told apart by a digest of their words.
    syncline_doubt: `job ${key} NOT NULL, epoch ${integer} NOT NULL, doubt ${key} NOT NULL, en ${text} NOT NULL,
      zh ${text} NOT NULL, PRIMARY KEY (job, epoch, doubt)`,
    syncline_dirty: `job ${key} NOT NULL, epoch ${integer} NOT NULL, split_no ${integer} NOT NULL,
      dirty_no ${integer} NOT NULL, attempt ${key} NOT NULL, stage ${key} NOT NULL, row_key ${text} NOT NULL,
      field ${text} NOT NULL, reason ${text} NOT NULL, bytes_hex ${text} NOT NULL,
      PRIMARY KEY (job, epoch, split_no, dirty_no)`,
    // Keys of rows that go when the run completes (row-key.ts): there is no index over them.
    syncline_removal: `job ${key} NOT NULL, epoch ${integer} NOT NULL, split_no ${integer} NOT NULL,
      removal_no ${integer} NOT NULL, row_key ${text} NOT NULL, PRIMARY KEY (job, epoch, split_no, removal_no)`,
  };
}
