// The program: `syncline start [--<setting> <value>]…`. Reads the configuration, starts the process's services, stops on a signal.
import { resolve } from 'node:path';
import { readConfig, unknownVariables } from './config.ts';
import { backUp } from './compose/back-up.ts';
import { createProgram } from './compose/create-program.ts';
import { SyncError, toSyncError } from './core/errors.ts';
import { createEventLog } from './observe/log-events.ts';

const USAGE = `usage: syncline start [--roles scheduler,executor,worker,api] [--<setting> <value>]…
       syncline backup --to <folder> [--<setting> <value>]…   a copy to start from, while Syncline runs or not
Every setting can stand in syncline.config.json, in a variable SYNCLINE_<NAME>, or here; see README.`;

async function start(flags: Readonly<Record<string, string>>): Promise<void> {
  const config = readConfig(process.env, flags);
  for (const { name, nearest } of unknownVariables(process.env))
    process.stderr.write(`${name} is no variable of Syncline's; the one most like it is ${nearest}\n`);
  const program = createProgram({ config, ...createEventLog('info'), showToken });
  stopOnSignals(() => program.stop());
  await program.start();
}

function backUpTo({ to, ...flags }: Readonly<Record<string, string>>): void {
  if (to === undefined)
    throw new SyncError('BAD_INPUT', { message: `reading --to: it is missing\n${USAGE}` });
  for (const line of backUp(readConfig(process.env, flags), resolve(to))) process.stdout.write(`${line}\n`);
}

/** The only time the token is shown. */
function showToken(token: string): void {
  process.stdout.write(`Admin token, shown once: ${token}\n管理令牌，仅显示这一次：${token}\n`);
}

/** The first signal ends gracefully, the second at once: killed, as an exit in the middle of a lane's native call would panic. */
function stopOnSignals(stop: () => Promise<void>): void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.kill(process.pid, 'SIGKILL');
    asked = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function fail(error: unknown): never {
  const { code, message, hint } = toSyncError(error);
  process.stderr.write(`${code}: ${message}\n${hint.en}\n${hint.zh}\n`);
  if (!(error instanceof SyncError) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(1);
}

function readFlags(args: readonly string[]): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name = '', value] = args.slice(at, at + 2);
    if (!name.startsWith('--') || value === undefined) {
      throw new SyncError('BAD_INPUT', { message: `reading '${name}' on the command line\n${USAGE}` });
    }
    flags[name.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return flags;
}

const [command, ...args] = process.argv.slice(2);
process.on('unhandledRejection', fail);
if ([command, ...args].some((word) => word === '--help' || word === '-h')) {
  process.stdout.write(`${USAGE}\n`);
} else if (command === 'start' || command === 'backup') {
  const act = command === 'start' ? start : backUpTo;
  await Promise.resolve()
    .then(() => act(readFlags(args)))
    .catch(fail);
} else {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
