// SQL servers that note what is run on them; a statement may be told to fail, or to hang until somebody lets it go on.
import type { SqlConnections, StatementWork } from '../../src/core/ports/sql-connections.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';

export interface FakeSqlConnections extends SqlConnections {
  /** `url: statement`, in the order in which they were run. */
  readonly ran: string[];
  /** URLs that were logged in to, and nothing more. */
  readonly tested: string[];
  /** By the statement's text: thrown in its place. */
  readonly failing: Map<string, Error>;
  /** By the statement's text: what it waits for. */
  readonly hanging: Map<string, Promise<void>>;
}

export function createFakeSqlConnections(): FakeSqlConnections {
  const fake: FakeSqlConnections = {
    ran: [],
    tested: [],
    failing: new Map(),
    hanging: new Map(),
    def: [
      {
        name: 'connection.password',
        type: 'PASSWORD',
        importance: 'HIGH',
        documentation: { en: '', zh: '' },
        group: '',
        displayName: '',
        width: 'MEDIUM',
      },
    ],
    validate: (config) =>
      config['connection.url']?.startsWith('jdbc:fake://') === true
        ? []
        : [{ key: 'connection.url', value: null, message: 'begins with none of jdbc:fake:…' }],
    hosts: (config) => [new URL((config['connection.url'] ?? '').slice('jdbc:'.length)).hostname],
    refuse: (_, statement) => (statement === 'REFUSED' ? 'is a statement that nobody runs' : null),
    test: (config) => {
      fake.tested.push(config['connection.url'] ?? '');
      return Promise.resolve();
    },
    run: (work) => run(fake, work),
  };
  return fake;
}

async function run(fake: FakeSqlConnections, { config, statements, signal }: StatementWork): Promise<void> {
  for (const statement of statements) {
    signal.throwIfAborted();
    fake.ran.push(`${config['connection.url'] ?? ''}: ${statement}`);
    await untilAborted(signal, fake.hanging.get(statement) ?? Promise.resolve());
    const error = fake.failing.get(statement);
    if (error !== undefined) throw error;
  }
}
