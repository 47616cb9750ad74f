// Port: SQL servers that steps run statements on, by the keys with which connectors find them (`connection.url`, …).
import type { ConfigDef, ConfigProblem, ConnectorConfig } from '../connector/config-def.ts';

export interface SqlConnections {
  /** Which keys there are, and which are secret. */
  readonly def: ConfigDef;
  /** Without I/O. */
  validate(config: ConnectorConfig): readonly ConfigProblem[];
  hosts(config: ConnectorConfig): readonly string[];
  /** Why its server is not given such a statement, without I/O; null: it may be run. */
  refuse(config: ConnectorConfig, statement: string): string | null;
  /** Logs in, and changes nothing. Throws TARGET_UNREACHABLE, TARGET_LOGIN. */
  test(config: ConnectorConfig): Promise<void>;
  /**
   * One after another on one session, each committed by itself; `signal` drops the session, what the server then does is not known.
   * Throws BAD_INPUT before the first when one is refused, TARGET_*, the message naming the statement by its number.
   */
  run(work: StatementWork): Promise<void>;
}

export interface StatementWork {
  readonly config: ConnectorConfig;
  readonly statements: readonly string[];
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
}
