// The launcher on real services, in a folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readPidFile } from '../../src/stack/launch-process.ts';
import { isAlive, stopProcess, type ProcessRecord } from '../../src/stack/process-record.ts';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';
import { readService, servicePaths } from '../../src/stack/stack-folder.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { readStack, startStack, stopStack } from '../../src/stack/stack.ts';

const PgClient = pg.Client;
const { cacheDir, stacksDir } = findStackPlace(process.env);

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true');
    await sleep(20);
  }
}

function processOf(dir: string, name: 'redis' | 'mariadb' | 'kafka'): ProcessRecord {
  const service = readService(dir, name);
  if (service.state !== 'running') throw new Error(`${name} is ${service.state}`);
  return service.process;
}

function connectMysql({ host, port, user, password, database }: MariadbEndpoint): Promise<Connection> {
  return createConnection({ host, port, user, password, database });
}

// Children of scripts too, which no pid file names.
function commandsNaming(text: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(commandOf).filter((command) => command.includes(text));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

describe.skipIf(inject('stack') === null)('a private stack', () => {
  let dir = '';
  beforeAll(() => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'launcher-'));
  });
  afterAll(async () => {
    await stopStack(dir);
    rmSync(dir, { recursive: true, force: true });
  });
  const start = (...services: ('redis' | 'mariadb')[]) => startStack({ services, dir, cacheDir });

  test('a second start returns the running services and adds the missing ones; its stop ends only these', async () => {
    const first = await start('redis');
    const redis = processOf(dir, 'redis');
    const second = await start('redis', 'mariadb');
    expect(second.endpoints.redis).toEqual(first.endpoints.redis);
    expect(processOf(dir, 'redis')).toEqual(redis);
    await second.stop();
    expect(isAlive(redis)).toBe(true);
    expect(readStack(dir)).toMatchObject({ endpoints: { redis: first.endpoints.redis }, dead: [] });
    expect(readStack(dir).endpoints.mariadb).toBeUndefined();
    await first.stop();
    expect(isAlive(redis)).toBe(false);
  });

  test('a service that died is reported as dead, and a start replaces it', async () => {
    await start('redis', 'mariadb');
    const [redis, mariadb] = [processOf(dir, 'redis'), processOf(dir, 'mariadb')];
    await stopProcess(redis, 'SIGKILL', 1_000);
    expect(readStack(dir).dead).toEqual(['redis']);
    await start('redis', 'mariadb');
    expect(processOf(dir, 'mariadb')).toEqual(mariadb);
    expect(processOf(dir, 'redis').pid).not.toBe(redis.pid);
    expect(await stopStack(dir)).toEqual(['mariadb', 'redis']);
    expect([redis, mariadb].some(isAlive)).toBe(false);
    expect(existsSync(servicePaths(dir, 'mariadb').folder)).toBe(false);
  });

  test('a stack whose data is kept is the same after its next start', async () => {
    const services = ['mariadb', 'redis', 'kafka', 'postgresql'] as const;
    const first = await startStack({ services, dir, cacheDir });
    const { mariadb, postgresql } = first.endpoints;
    const mysql = await connectMysql(mariadb);
    await mysql.query('CREATE TABLE kept (id INT PRIMARY KEY)');
    await mysql.end();
    const postgres = new PgClient({ connectionString: postgresql.url });
    await postgres.connect();
    await postgres.query('CREATE TABLE kept (id INT PRIMARY KEY)');
    await postgres.end();
    expect(await stopStack(dir, { keepData: true })).toHaveLength(4);
    expect(readStack(dir)).toEqual({ dir, endpoints: {}, dead: [] });
    expect(commandsNaming(dir)).toEqual([]);

    const second = await startStack({ services, dir, cacheDir });
    expect(second.endpoints).toEqual(first.endpoints);
    const again = await connectMysql(second.endpoints.mariadb);
    await again.query('INSERT INTO kept VALUES (1)');
    await again.end();
    const pgAgain = new PgClient({ connectionString: second.endpoints.postgresql.url });
    await pgAgain.connect();
    await pgAgain.query('INSERT INTO kept VALUES (1)');
    await pgAgain.end();
    await stopStack(dir);
    expect(existsSync(servicePaths(dir, 'mariadb').folder)).toBe(false);
  });

  test('a launcher killed in the middle of a start leaves nothing that the next start does not clear', async () => {
    const cli = join(import.meta.dirname, '../../src/stack/stack-cli.ts');
    const launcher = spawn(process.execPath, ['--import', 'tsx', cli, 'up', 'kafka', 'redis'], {
      env: { ...process.env, SYNCLINE_STACK_DIR: dir },
      stdio: 'ignore',
    });
    const exit = once(launcher, 'exit');
    const pidFile = servicePaths(dir, 'kafka').pidFile;
    await until(() => readPidFile(pidFile) !== undefined);
    launcher.kill('SIGKILL');
    await exit;
    const orphan = readPidFile(pidFile);
    expect(readService(dir, 'kafka').state).toBe('unready');
    const lines: string[] = [];
    await startStack({ services: ['redis'], dir, cacheDir, onProgress: (line) => lines.push(line) });
    expect(lines).toContain('kafka: stopped what an earlier start had left behind');
    expect(orphan !== undefined && isAlive(orphan)).toBe(false);
    expect(Object.keys(readStack(dir).endpoints)).toEqual(['redis']);
    await stopStack(dir);
    expect(commandsNaming(dir)).toEqual([]);
  });

  test('an aborted start stops what it had started and throws the reason', async () => {
    const abort = new AbortController();
    const onProgress = (line: string) => {
      if (line.startsWith('redis: ready')) abort.abort(new Error('changed my mind'));
    };
    const starting = startStack({
      services: ['redis', 'mariadb'],
      dir,
      cacheDir,
      onProgress,
      signal: abort.signal,
    });
    await expect(starting).rejects.toThrow('changed my mind');
    expect(readStack(dir)).toEqual({ dir, endpoints: {}, dead: [] });
    expect(commandsNaming(dir)).toEqual([]);
  });

  test('another stack is left alone, even when a pid of ours was given to its process', async () => {
    const other = mkdtempSync(join(stacksDir, 'launcher-'));
    await startStack({ services: ['redis'], dir: other, cacheDir });
    await start('redis');
    const theirs = processOf(other, 'redis');
    await stopProcess(processOf(dir, 'redis'), 'SIGTERM', 1_000);
    // As if the kernel had given our pid to their process: the same pid, another start time.
    const [bootId, stat = ''] = readFileSync(servicePaths(other, 'redis').pidFile, 'utf8').split('\n');
    const reused = stat.replace(` ${theirs.startTicks} `, ` ${theirs.startTicks - 1} `);
    writeFileSync(servicePaths(dir, 'redis').pidFile, `${bootId ?? ''}\n${reused}\n`);
    expect(readStack(dir).dead).toEqual(['redis']);
    expect(await stopStack(dir)).toEqual([]);
    expect(isAlive(theirs)).toBe(true);
    expect(await stopStack(other)).toEqual(['redis']);
    rmSync(other, { recursive: true });
  });
});
