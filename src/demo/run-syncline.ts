// Syncline inside the demo's process: composed as `npm start` composes it, from a configuration file, its log in a file. One
// process, so that nothing can outlive the demo.
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProgram } from '../compose/create-program.ts';
import { readConfig } from '../config.ts';
import { createEventLog } from '../observe/log-events.ts';
import { findPort } from '../stack/free-port.ts';

/** A run that needs longer to end is left to its end with the process. */
const stopLimitMs = 8_000;

/** Wanted ports; where somebody else has one, a free one is taken. */
export interface SynclinePorts {
  readonly api: number;
  readonly worker: number;
}

export interface RunningSyncline {
  readonly apiUrl: string;
  readonly workerUrl: string;
  /** Made at this start: the database is new. */
  readonly token: string;
  readonly logFile: string;
  readonly configFile: string;
  stop(): Promise<void>;
}

/** `dir` is made anew. Throws what Syncline says when it can't start. */
export async function runSyncline(
  dir: string,
  settings: Readonly<Record<string, unknown>>,
  ports: SynclinePorts,
): Promise<RunningSyncline> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'files'), { recursive: true, mode: 0o700 });
  const [apiPort, workerPort] = [await findPort(ports.api), await findPort(ports.worker)];
  const configFile = join(dir, 'syncline.config.json');
  const logFile = join(dir, 'syncline.log');
  const own = { dataDir: dir, fileRoot: join(dir, 'files'), apiPort, workerPort };
  await writeFile(configFile, JSON.stringify({ ...own, ...settings }, null, 2));
  const config = readConfig({ SYNCLINE_CONFIG: configFile });
  const log = createWriteStream(logFile);
  let token = '';
  const program = createProgram({
    config,
    ...createEventLog('info', log),
    showToken: (made) => (token = made),
  });
  const stop = async (): Promise<void> => {
    const late = new AbortController();
    const limit = sleep(stopLimitMs, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([program.stop(), limit]);
    late.abort();
    log.end();
  };
  await program.start();
  const url = (host: string, port: number): string => `http://${host}:${port}`;
  return {
    apiUrl: url(config.apiHost, config.apiPort),
    workerUrl: url(config.workerHost, config.workerPort),
    token,
    logFile,
    configFile,
    stop,
  };
}
