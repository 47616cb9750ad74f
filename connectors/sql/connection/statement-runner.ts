// Statements of a job's steps on a server that an SQL target can reach: its session, without a table.
import { joined } from '../../../src/core/connector/config.ts';
import type { ConfigDef, ConfigProblem, ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import { everySink } from '../../../src/core/connector/every-sink.ts';
import { fromShape, rephrase, SyncError, toShape, toSyncError } from '../../../src/core/errors.ts';
import type { SqlConnections, StatementWork } from '../../../src/core/ports/sql-connections.ts';
import type { Scrub } from '../../../src/core/secrets/scrub.ts';
import { untilAborted } from '../../../src/core/waiting/until-aborted.ts';
import { withoutTexts } from './statement-texts.ts';
import type { SqlSession } from '../target/session.ts';
import type { OwnSqlConfig, SqlTargetDefinition } from '../target/sql-target.ts';
import type { Column, TableShape } from '../target/table-shape.ts';

/** One kind of server. */
export interface StatementServer extends SqlConnections {
  /** What its URLs begin with. */
  readonly prefixes: readonly string[];
}

const urlKey = 'connection.url';
const isConnectionKey = (key: string): boolean => key.startsWith('connection.');

interface ServerKind<O> extends Pick<StatementServer, 'prefixes'> {
  /** Any that such a server could have: its name is asked for, and it is not looked at. */
  readonly table: string;
  /** The statement that goes to the database that the URL names, where the session does not do so; null: it names none. */
  readonly enter?: (config: O) => string | null;
  /** What stands in double quotes is a text, not a name. */
  readonly doubleQuotes?: boolean;
  /** Why the server is not given such a statement; null: it may be. Absent: its own rights decide. */
  readonly refuse?: (statement: string) => string | null;
}

export function statementServer<O extends OwnSqlConfig, S extends SqlSession, T extends TableShape<Column>>(
  definition: SqlTargetDefinition<O, S, T>,
  { prefixes, table, enter, refuse, doubleQuotes = false }: ServerKind<O>,
): StatementServer {
  const full = joined(definition.config, everySink());
  const read = (config: ConnectorConfig) =>
    full.read({ ...connectionOf(config), 'table.name.format': table, 'insert.mode': 'insert' });
  const require = (config: ConnectorConfig) => {
    const reading = read(config);
    if (!('problems' in reading)) return reading.value;
    const [problem] = reading.problems;
    const message = `reading ${problem?.key ?? urlKey}: ${problem?.message ?? ''}`;
    throw new SyncError('BAD_INPUT', { message, field: problem?.key ?? urlKey });
  };
  return {
    prefixes,
    def: definition.config.def.filter(({ name }) => isConnectionKey(name)),
    validate: (config) => {
      const reading = read(config);
      const unknown = Object.keys(config).filter(
        (key) => !definition.config.def.some(({ name }) => name === key && isConnectionKey(name)),
      );
      return ['problems' in reading ? reading.problems : [], unknown.map(strange)].flat();
    },
    hosts: (config) => definition.hosts?.(connectionOf(config)) ?? [],
    refuse: (_, statement) => refuse?.(statement) ?? null,
    test: async (config) => {
      const open = (definition.openToLook ?? definition.connect).bind(definition);
      const whole = require(config);
      const session = await open(whole);
      await goInto(session, enter?.(whole) ?? null);
      session.destroy();
    },
    run: async (work) => {
      requireAllowed(work.statements, refuse);
      await runStatements(
        async () => {
          const config = require(work.config);
          const session = await definition.connect(config);
          await goInto(session, enter?.(config) ?? null);
          return session;
        },
        { ...work, doubleQuotes },
      );
    },
  };
}

function requireAllowed(statements: readonly string[], refuse: ServerKind<never>['refuse']): void {
  for (const [at, statement] of statements.entries()) {
    const complaint = refuse?.(statement) ?? null;
    if (complaint === null) continue;
    const message = `statement ${at + 1} of ${statements.length}: ${complaint}`;
    throw new SyncError('BAD_INPUT', { message });
  }
}

async function goInto(session: SqlSession, statement: string | null): Promise<void> {
  try {
    if (statement !== null) await session.command(statement);
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** Of them all: the URL says which one is meant. */
export function sqlConnections(servers: readonly StatementServer[]): SqlConnections {
  const prefixes = servers.flatMap((server) => server.prefixes.map((prefix) => `${prefix}…`)).join(', ');
  const complaint = `it begins with none of ${prefixes}`;
  const find = (config: ConnectorConfig): StatementServer | undefined => {
    const url = (config[urlKey] ?? '').trimStart().toLowerCase();
    return servers.find((server) => server.prefixes.some((prefix) => url.startsWith(prefix)));
  };
  const require = (config: ConnectorConfig): StatementServer => {
    const server = find(config);
    if (server !== undefined) return server;
    throw new SyncError('BAD_INPUT', { message: `reading ${urlKey}: ${complaint}`, field: urlKey });
  };
  const keys = new Map(servers.flatMap(({ def }) => def.map((key) => [key.name, key] as const)));
  return {
    def: [...keys.values()] satisfies ConfigDef,
    validate: (config) =>
      find(config)?.validate(config) ?? [{ key: urlKey, value: config[urlKey] ?? null, message: complaint }],
    hosts: (config) => find(config)?.hosts(config) ?? [],
    refuse: (config, statement) => find(config)?.refuse(config, statement) ?? null,
    test: async (config) => require(config).test(config),
    run: async (work) => require(work.config).run(work),
  };
}

function connectionOf(config: ConnectorConfig): ConnectorConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => isConnectionKey(key)));
}

function strange(key: string): ConfigProblem {
  return { key, value: null, message: 'is no key of a connection; remove it' };
}

async function runStatements(
  connect: () => Promise<SqlSession>,
  { statements, timeLimitMs, signal, doubleQuotes }: StatementWork & { readonly doubleQuotes: boolean },
): Promise<void> {
  signal.throwIfAborted();
  const opening = connect();
  // One that comes when nobody waits for it any more.
  const drop = (): void => void opening.then((late) => late.destroy()).catch(() => undefined);
  const session = await untilAborted(signal, opening).catch((error: unknown) => {
    drop();
    throw error;
  });
  try {
    for (const [at, statement] of statements.entries())
      await untilAborted(signal, session.command(statement, timeLimitMs)).catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw inStatement(error, {
          which: `statement ${at + 1} of ${statements.length}`,
          words: withoutTexts(statement, { doubleQuotes }),
        });
      });
  } finally {
    session.destroy();
  }
}

function inStatement(
  error: unknown,
  { which, words }: { readonly which: string; readonly words: Scrub },
): SyncError {
  const { code, message, retriable } = toSyncError(error);
  const said = words(message);
  const cause = fromShape({ ...rephrase(toShape(error), words), message: said });
  return new SyncError(code, { message: `${which}: ${said}`, retriable, cause });
}
