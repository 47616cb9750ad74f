// MariaDB with a database and a user for Syncline.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../find-tool.ts';
import { findFreePort } from '../free-port.ts';
import type { ServiceContext, StackService } from '../stack-service.ts';
import type { MariadbEndpoint } from '../stack-endpoints.ts';
import { exchangeTcp } from '../tcp-exchange.ts';

export const mariadb: StackService<'mariadb'> = {
  name: 'mariadb',
  needs: [],
  tools: ['mariadbd', 'mariadb-install-db'],
  stopSignal: 'SIGTERM',
  stopLimitMs: 10_000,
  start: startMariadb,
};

async function startMariadb(context: ServiceContext<'mariadb'>): Promise<MariadbEndpoint> {
  const port = context.kept?.port ?? (await findFreePort());
  const endpoint: MariadbEndpoint = context.kept ?? {
    host: '127.0.0.1',
    port,
    user: 'syncline',
    password: randomBytes(18).toString('base64url'),
    database: 'syncline',
    rootUser: 'root',
    rootPassword: randomBytes(18).toString('base64url'),
  };
  const dataDir = join(context.folder, 'data');
  const initFile = join(context.folder, 'init.sql');
  // Its own: a server that starts removes what it takes for leftovers there, and they may be another server's.
  const tmpDir = join(context.folder, 'tmp');
  mkdirSync(tmpDir, { recursive: true });
  const owner = [`--user=${userInfo().username}`, `--datadir=${dataDir}`, `--tmpdir=${tmpDir}`];
  if (context.kept === undefined) {
    context.progress('making the data folder');
    writeFileSync(initFile, initSql(endpoint), { mode: 0o600 });
    const install = ['--no-defaults', ...owner, '--auth-root-authentication-method=normal', '--skip-test-db'];
    await context.run(requireTool('mariadb-install-db'), install);
  }
  const init = context.kept === undefined ? [`--init-file=${initFile}`] : [];
  await context.launch({
    program: requireTool('mariadbd'),
    args: ['--no-defaults', ...owner, ...init, ...serverOptions(port, context)],
    isReady: () => greets(port),
  });
  return endpoint;
}

// Names without a folder are taken from the data folder: a socket's full path must stay below 107 characters.
function serverOptions(port: number, context: ServiceContext<'mariadb'>): string[] {
  return [
    '--socket=my.sock',
    '--pid-file=my.pid',
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-networking=0',
    '--skip-name-resolve',
    '--skip-log-bin',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_bin',
    '--local-infile=1',
    `--innodb-buffer-pool-size=${context.settings.mariadbBufferPoolMb}M`,
    `--innodb-log-file-size=${Math.max(64, Math.min(2048, Math.floor(context.settings.mariadbBufferPoolMb / 2)))}M`,
    '--innodb-flush-log-at-trx-commit=1',
    ...context.settings.mariadbOptions,
  ];
}

// Run by the server before it opens its port. One statement a line.
function initSql(endpoint: MariadbEndpoint): string {
  const user = `'${endpoint.user}'@'127.0.0.1'`;
  return `CREATE DATABASE ${endpoint.database} CHARACTER SET utf8mb4;
CREATE USER ${user} IDENTIFIED BY '${endpoint.password}';
GRANT ALL ON \`syncline%\`.* TO ${user};
ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '${endpoint.rootPassword}';
ALTER USER 'root'@'localhost' IDENTIFIED BY '${endpoint.rootPassword}';
`;
}

/** The server speaks first: four bytes of packet head, then its protocol version, which is 10. */
async function greets(port: number): Promise<boolean> {
  const greeting = await exchangeTcp({ port, isAnswer: (bytes) => bytes.length >= 5 });
  return greeting?.[4] === 10;
}
