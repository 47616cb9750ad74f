// PostgreSQL. It refuses to run as root; there it runs as the user `postgres`.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { requireTool } from '../find-tool.ts';
import { findFreePort } from '../free-port.ts';
import type { ServiceContext, StackService } from '../stack-service.ts';
import { exchangeTcp, withLength } from '../tcp-exchange.ts';

const isRoot = process.getuid?.() === 0;
const user = 'syncline';

export const postgresql: StackService<'postgresql'> = {
  name: 'postgresql',
  needs: [],
  tools: ['initdb', ...(isRoot ? ['setpriv'] : [])],
  // Fast shutdown: SIGTERM would wait for every client.
  stopSignal: 'SIGINT',
  stopLimitMs: 5_000,
  outsideFolder,
  start: startPostgresql,
};

async function startPostgresql(context: ServiceContext<'postgresql'>): Promise<{ url: string }> {
  const kept = context.kept === undefined ? null : new URL(context.kept.url);
  const port = kept === null ? await findFreePort() : Number(kept.port);
  const password = kept?.password ?? randomBytes(18).toString('base64url');
  const home = kept === null ? makeHome(context.folder) : homeOf(context.folder);
  const initdb = requireTool('initdb');
  // Of the same version: the server that lies beside it.
  const server = join(dirname(realpathSync(initdb)), 'postgres');
  const data = join(home, 'data');
  if (kept === null) await makeData(context, { home, data, initdb, server, password });
  const [program, ...args] = asServerUser([server, '-D', data, ...serverOptions(port)]);
  await context.launch({ program, args, cwd: home, isReady: () => asksForPassword(port) });
  return { url: `postgresql://${user}:${password}@127.0.0.1:${port}/${user}` };
}

async function makeData(
  context: ServiceContext<'postgresql'>,
  place: { home: string; data: string; initdb: string; server: string; password: string },
): Promise<void> {
  const { home, data, initdb, server, password } = place;
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveToServer(passwordFile);
  const run = (command: readonly [string, ...string[]], input = '') => {
    const [program, ...args] = asServerUser(command);
    return context.run(program, args, { cwd: home, input });
  };
  context.progress('making the data folder');
  const options = ['--pgdata', data, '--username', user, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  await run([initdb, ...options, '--encoding', 'UTF8', '--locale', 'C', '--no-sync']);
  rmSync(passwordFile);
  await run([server, '--single', '-D', data, 'postgres'], `CREATE DATABASE ${user}\n`);
}

function serverOptions(port: number): string[] {
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200 };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function asServerUser(command: readonly [string, ...string[]]): [string, ...string[]] {
  if (!isRoot) return [...command];
  const drop = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  return [requireTool('setpriv'), ...drop, ...command];
}

// The stack's folder may lie below one that only root may pass; then the data goes to the temporary folder.
function makeHome(folder: string): string {
  giveToServer(folder);
  if (!isRoot || mayWrite(folder)) return folder;
  const home = outsideFolder(folder);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { mode: 0o700 });
  giveToServer(home);
  return home;
}

/** Where `makeHome` put it. */
function homeOf(folder: string): string {
  return existsSync(outsideFolder(folder)) ? outsideFolder(folder) : folder;
}

function outsideFolder(folder: string): string {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return join(tmpdir(), `syncline-postgresql-${hash}`);
}

function giveToServer(path: string): void {
  if (!isRoot) return;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  chownSync(path, idOf('-u'), idOf('-g'));
}

function mayWrite(folder: string): boolean {
  const [program, ...args] = asServerUser([requireTool('test'), '-w', folder]);
  try {
    execFileSync(program, args);
    return true;
  } catch {
    return false;
  }
}

/** A start-up message is answered with 'R' (authentication), or with 'E' as long as the server is not ready. */
async function asksForPassword(port: number): Promise<boolean> {
  const version = Buffer.from([0, 3, 0, 0]);
  const body = Buffer.concat([version, Buffer.from(`user\0${user}\0database\0${user}\0\0`)]);
  // This length counts itself too.
  const send = withLength(body);
  send.writeInt32BE(send.length);
  const answer = await exchangeTcp({ port, send, isAnswer: (bytes) => bytes.length > 0 });
  return answer?.[0] === 'R'.charCodeAt(0);
}
