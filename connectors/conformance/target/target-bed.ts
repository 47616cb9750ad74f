// What the checks of targets run on: a place of its own with room for targets of the checks' own. Its author makes it; all else here is
// how the checks go about it.
import { createHash } from 'node:crypto';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { SinkPlugin } from '../../../src/core/connector/contract.ts';
import type { CheckOn } from '../check.ts';

/** A value as text of the row format; null: NULL. */
export type Cell = string | null;

export interface TargetBed {
  readonly plugin: SinkPlugin;
  /** A whole configuration of a target called `name`, which is not there yet and is made by the first run; `more`: keys besides. */
  configOf(name: string, more?: ConnectorConfig): ConnectorConfig;
  /**
   * All rows of a target, sorted by the first column. Values as they were sent: text of the row format; of the columns in `bytes` as
   * hexadecimal digits, in capitals.
   */
  readRows(
    name: string,
    columns: readonly string[],
    bytes?: readonly string[],
  ): Promise<readonly (readonly Cell[])[]>;
  /** All that there is in the place, the ledger's own included: two that are equal tell that nothing was made or changed. */
  footprint(): Promise<unknown>;
  /** false: a text with a NUL character is refused. Absent: it is stored. */
  readonly storesNul?: boolean;
  close(): Promise<void>;
}

/** One where tables have names, columns and keys, and somebody else may run statements. */
export interface SqlTargetBed extends TargetBed {
  /** Runs DDL or DML in the target, as somebody else. Names of tables and columns that need no quotes have none. */
  execute(sql: string): Promise<void>;
  /** DDL type of a text key under which different keys are different, and of one that takes some for one, e.g. `a` and `A`. */
  readonly exactKey: string;
  readonly foldingKey: string;
  /** DDL type of a text of twenty characters, and of a whole number. Absent: VARCHAR(20), INT. */
  readonly text?: string;
  readonly whole?: string;
  /** Behind the columns of a CREATE TABLE. */
  readonly tableAttributes?: string;
  /** false: keys of numbers are not compared with those of a source, which is refused in words. Absent: they are. */
  readonly comparesNumbers?: boolean;
}

export type TargetCheck = CheckOn<TargetBed>;
export type SqlTargetCheck = CheckOn<SqlTargetBed>;

/** The checks make targets by the dozen: none is used twice. */
let names = 0;

export function newTableName(): string {
  names += 1;
  return `t_${process.pid}_${Date.now().toString(36)}_${names}`;
}

/** The job that the checks write to a target with: the same for the same target. */
export function jobOf({ plugin }: Pick<TargetBed, 'plugin'>, config: ConnectorConfig): string {
  return `job of ${createHash('sha256').update(plugin.identity(config)).digest('hex').slice(0, 16)}`;
}
