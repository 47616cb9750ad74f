// A Redis of a test's own, to be killed, emptied and started again.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { requireTool } from '../../src/stack/find-tool.ts';
import { findFreePort } from '../../src/stack/free-port.ts';
import { waitUntil } from './wait-until.ts';

export interface OwnRedis {
  readonly url: string;
  readonly place: string;
  start(): Promise<void>;
  /** SIGKILL; everything in it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  call(command: string, ...args: string[]): Promise<unknown>;
}

export async function createOwnRedis(): Promise<OwnRedis> {
  const port = await findFreePort();
  const place = `127.0.0.1:${port}`;
  const url = `redis://${place}`;
  let server: ChildProcess | null = null;
  const call = async (command: string, ...args: string[]): Promise<unknown> => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  };
  const answers = (): Promise<boolean> =>
    call('PING').then(
      () => true,
      () => false,
    );
  return {
    url,
    place,
    call,
    start: async () => {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      server = spawn(requireTool('redis-server'), args, { stdio: 'ignore' });
      await waitUntil('Redis answers', answers);
    },
    kill: async () => {
      if (server === null) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      server = null;
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
  };
}
