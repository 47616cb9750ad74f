// npm run demo [-- --once] [-- --embedded] [-- --rows N]
// A scheduled sync from HBase through Kafka to MariaDB on real services, from nothing to a proof that both sides are equal.
//   --once      end after three proved runs: exit code 0, or 1 on any difference or unproved run
//   --embedded  without services: a built-in double of HBase, an SQLite file, everything in this process
//   --rows N    orders in the table; 100,000 unless told otherwise
//   SYNCLINE_DEMO_STACK=<folder>  use the stack that runs there, and leave it up
//   SYNCLINE_API_PORT, SYNCLINE_WORKER_PORT  instead of 8080 and 8083; a port that is taken is replaced by a free one
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SyncError, toSyncError } from '../core/errors.ts';
import { withFileLock } from '../stack/file-lock.ts';
import { runDemo } from './run-demo.ts';
import { createTerminal } from './show/terminal.ts';
import { chooseTexts } from './show/texts.ts';
import { findStackPlace } from '../stack/stack-place.ts';

const usage = 'usage: npm run demo [-- [--once] [--embedded] [--rows N]]';
/** Where users expect them (article 003 and the README). */
const usualPorts = { api: 8080, worker: 8083 };
const defaultOrders = 100_000;
/** By Ctrl-C before the demo had shown what it shows. */
const interruptedCode = 130;
const parentEveryMs = 1_000;

const texts = chooseTexts(process.env);
const terminal = createTerminal(process.stdout, () => performance.now());
const stop = new AbortController();
let failure: unknown = null;

// The services that were started are stopped whatever happens; further signals change nothing about that.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => askToStop());
// `npm run` may be killed without a word to us: then the demo has nobody left who could end it.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] === 'demo')
  setInterval(() => {
    if (process.ppid !== parent) askToStop();
  }, parentEveryMs).unref();
// Nobody listens any more, e.g. `npm run demo | head`.
process.stdout.on('error', () => stop.abort());
for (const name of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(name, (error) => {
    if (!stop.signal.aborted) failure = error;
    stop.abort();
  });

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = interruptedCode;
  if (!stop.signal.aborted) failure = error;
}
if (failure !== null) {
  process.exitCode = 1;
  explain(failure);
}
if (stop.signal.aborted) terminal.say(texts.stopped);
process.exit();

async function main(args: string[]): Promise<number> {
  const { once, embedded, orders } = readArgs(args);
  const { demoDir, cacheDir } = findStackPlace(process.env);
  const running = process.env['SYNCLINE_DEMO_STACK'];
  mkdirSync(demoDir, { recursive: true });
  const onWait = (pid: number): never => {
    throw new SyncError('CONFLICT', { message: texts.otherDemo(pid) });
  };
  return await withFileLock(join(demoDir, 'lock'), { onWait, signal: stop.signal }, () =>
    runDemo({
      dir: demoDir,
      cacheDir,
      runningStack: running === undefined ? null : resolve(running),
      embedded,
      once,
      orders,
      ports: readPorts(process.env),
      terminal,
      texts,
      signal: stop.signal,
    }),
  );
}

function readArgs(args: string[]): { once: boolean; embedded: boolean; orders: number } {
  const options = {
    once: { type: 'boolean' },
    embedded: { type: 'boolean' },
    rows: { type: 'string' },
  } as const;
  try {
    const { once = false, embedded = false, rows } = parseArgs({ args, options }).values;
    const orders = rows === undefined ? defaultOrders : Number(rows);
    if (Number.isSafeInteger(orders) && orders >= 1_000 && orders <= 10_000_000)
      return { once, embedded, orders };
    throw new SyncError('BAD_INPUT', { message: `--rows: ${rows ?? ''} is no number from 1000 to 10000000` });
  } catch (error) {
    throw new SyncError('BAD_INPUT', { message: `${toSyncError(error).message}\n${usage}` });
  }
}

function readPorts(env: NodeJS.ProcessEnv): typeof usualPorts {
  const read = (name: string, usual: number): number => {
    const port = Number(env[name] ?? usual);
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    throw new SyncError('BAD_INPUT', { message: `${name}: ${env[name] ?? ''} is no port`, field: name });
  };
  return {
    api: read('SYNCLINE_API_PORT', usualPorts.api),
    worker: read('SYNCLINE_WORKER_PORT', usualPorts.worker),
  };
}

function askToStop(): void {
  if (!stop.signal.aborted) terminal.say(`\n${texts.stopping}`);
  stop.abort();
}

function explain(error: unknown): void {
  const { code, message, hint } = toSyncError(error);
  process.stderr.write(
    code === 'INTERNAL' ? `${message}\n` : `${code}: ${message}\n${hint.en}\n${hint.zh}\n`,
  );
}
