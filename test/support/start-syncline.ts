// Syncline as its users start it: a process of its own, with a data folder and ports of its own.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildStale } from '../../src/build-stale.js';

export const ADMIN_TOKEN = 'test-token-of-at-least-32-characters';

export interface SynclineProcess {
  readonly process: ChildProcess;
  readonly dataDir: string;
  /** null without the role. */
  readonly apiUrl: string | null;
  readonly workerUrl: string | null;
  /** Every line it logged so far. */
  readonly lines: readonly string[];
  readonly stdout: () => string;
  /** One request to the admin API; the answer's JSON. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** SIGKILL: no chance to tidy up. The data folder stays. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code and removes the data folder unless it is shared. */
  stop(): Promise<number | null>;
}

export interface ApiAnswer {
  readonly status: number;
  // The tests pick out what they look at.
  readonly body: Record<string, never> & Record<string, unknown>;
}

export interface StartOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Given: kept by the caller, e.g. to start again on it. */
  readonly dataDir?: string;
  /** Folder it is started in, where it looks for plug-ins. */
  readonly cwd?: string;
  /** A module loaded before Syncline. */
  readonly preload?: string;
  /** false: the token is the one Syncline makes. */
  readonly ownToken?: boolean;
}

const START_LIMIT_MS = 60_000;

export async function startSyncline(options: StartOptions = {}): Promise<SynclineProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'syncline-test-')));
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    SYNCLINE_DATA_DIR: dataDir,
    SYNCLINE_API_PORT: '0',
    SYNCLINE_WORKER_PORT: '0',
    ...(options.ownToken === false ? {} : { SYNCLINE_ADMIN_TOKEN: ADMIN_TOKEN }),
    ...options.settings,
  };
  const preload = options.preload === undefined ? [] : ['--import', options.preload];
  buildStale();
  const child = spawn(process.execPath, [...preload, resolve('dist/src/main.js'), 'start'], {
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not started:\n${lines.join('\n')}`)), START_LIMIT_MS);
    child.once('exit', (code) => reject(new Error(`ended with ${String(code)}:\n${lines.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (!line.includes('"syncline started')) return;
      clearTimeout(late);
      resolve();
    });
  });
  const apiUrl = urlOf(lines, 'api');
  const ended = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return exit;
  };
  return {
    process: child,
    dataDir,
    apiUrl,
    workerUrl: urlOf(lines, 'connect worker'),
    lines,
    stdout: () => stdout,
    api: (method, path, body, headers = {}) => askApi(apiUrl ?? '', { method, path, body, headers }),
    kill: async () => {
      await ended('SIGKILL');
    },
    stop: async () => {
      const code = await ended('SIGTERM');
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

function urlOf(lines: readonly string[], service: string): string | null {
  const found = lines.map((line) => new RegExp(`"${service} started: (http[^"]+)"`).exec(line)?.[1]);
  return found.find((url) => url !== undefined) ?? null;
}

async function askApi(
  url: string,
  request: { method: string; path: string; body: unknown; headers: Record<string, string> },
): Promise<ApiAnswer> {
  const { method, path, body } = request;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as ApiAnswer['body'] };
}
