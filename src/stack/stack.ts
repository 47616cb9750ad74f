// A private stack of real services: started on ports and folders of its own, stopped exactly as far as it was
// started. A service goes absent → unready (process runs) → running (answered) and, when it dies, dead.
import { mkdirSync } from 'node:fs';
import { SyncError } from '../core/errors.ts';
import { withFileLock } from './file-lock.ts';
import { launchProcess } from './launch-process.ts';
import { fetchJars } from './maven-jars.ts';
import { missingTools, withNeeds } from './missing-tools.ts';
import { runCommand } from './run-command.ts';
import { allServices } from './services/all-services.ts';
import {
  serviceNames,
  type ServiceEndpoints,
  type ServiceName,
  type StackEndpoints,
} from './stack-endpoints.ts';
import {
  isStackFolder,
  openStackFolder,
  readKept,
  readService,
  servicePaths,
  stackLock,
  writeEndpoint,
} from './stack-folder.ts';
import { defaultSettings, type StackService, type StackSettings } from './stack-service.ts';
import { stopServices, type StopOptions } from './stop-services.ts';

export interface StackOptions<Name extends ServiceName> {
  readonly services: readonly Name[];
  /** an absolute path; an empty or missing folder, or one that held a stack before */
  readonly dir: string;
  /** where jars are kept between starts */
  readonly cacheDir: string;
  readonly settings?: Partial<StackSettings>;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface Stack<Name extends ServiceName = never> {
  readonly dir: string;
  readonly endpoints: StackEndpoints<Name>;
  /** Stops what this start started; services that ran before are left alone. */
  stop(): Promise<void>;
}

export interface StackStatus {
  readonly dir: string;
  readonly endpoints: Partial<ServiceEndpoints>;
  readonly dead: readonly ServiceName[];
}

/**
 * Starts what does not run yet, in parallel, and returns when everything answers. Leftovers of a launcher that
 * was killed are stopped first. On failure or abort all that this call started is stopped again.
 * Throws TOOL_MISSING, STACK_FAILED, BAD_INPUT (the folder is not ours), or the abort's reason.
 */
export async function startStack<Name extends ServiceName>(
  options: StackOptions<Name>,
): Promise<Stack<Name>> {
  const { dir } = options;
  const progress = options.onProgress ?? (() => undefined);
  openStackFolder(dir);
  const onWait = (pid: number) => progress(`waiting for process ${pid}, which is at work on this stack`);
  const lockWait = { onWait, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const started = await withFileLock(stackLock(dir), lockWait, async () => {
    const absent = await clearLeftovers(dir, withNeeds(options.services), progress);
    refuseMissingTools(absent, options);
    await startServices(absent, options, progress);
    return absent;
  });
  return {
    dir,
    endpoints: readStack(dir).endpoints as StackEndpoints<Name>,
    async stop() {
      await withFileLock(stackLock(dir), {}, () => stopServices(dir, started, { keepData: false }));
    },
  };
}

/** Stops every service of the folder's stack. Returns the names of those that ran. */
export async function stopStack(
  dir: string,
  options: StopOptions = { keepData: false },
): Promise<ServiceName[]> {
  if (!isStackFolder(dir)) return [];
  return await withFileLock(stackLock(dir), {}, () => stopServices(dir, serviceNames, options));
}

export function readStack(dir: string): StackStatus {
  const states = serviceNames.map((name) => ({ name, service: readService(dir, name) }));
  const running = states.flatMap(({ name, service }) =>
    service.state === 'running' ? [[name, service.endpoint] as const] : [],
  );
  const dead = states.filter(({ service }) => service.state === 'dead').map(({ name }) => name);
  return { dir, endpoints: Object.fromEntries(running), dead };
}

// Returns which of the wanted services are to be started. What leans on a service that is gone, and what no
// launcher ever saw ready, is stopped: nobody can use it. What was ready once keeps its data.
async function clearLeftovers(
  dir: string,
  wanted: readonly ServiceName[],
  progress: (line: string) => void,
): Promise<ServiceName[]> {
  const isRunning = (name: ServiceName): boolean =>
    readService(dir, name).state === 'running' && allServices[name].needs.every(isRunning);
  const unusable = serviceNames.filter(
    (name) => !isRunning(name) && readService(dir, name).state !== 'absent',
  );
  const stopped = await stopServices(dir, unusable, { keepData: true });
  for (const name of stopped) progress(`${name}: stopped what an earlier start had left behind`);
  return wanted.filter((name) => !isRunning(name));
}

function refuseMissingTools(
  services: readonly ServiceName[],
  { cacheDir, settings }: StackOptions<ServiceName>,
): void {
  const missing = missingTools(services, cacheDir, { ...defaultSettings, ...settings });
  if (missing.length > 0)
    throw new SyncError('TOOL_MISSING', {
      message: `starting the stack: not installed: ${missing.join('; ')}`,
    });
}

async function startServices(
  names: readonly ServiceName[],
  options: StackOptions<ServiceName>,
  progress: (line: string) => void,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const starts = new Map<ServiceName, Promise<void>>();
  for (const name of names) {
    const needed = () => Promise.all(allServices[name].needs.flatMap((need) => starts.get(need) ?? []));
    const start = startService(name, { ...options, signal, progress, needed });
    start.catch((error: unknown) => failed.abort(error));
    starts.set(name, start);
  }
  await Promise.allSettled([...starts.values()]);
  if (!signal.aborted) return;
  await stopServices(options.dir, names, { keepData: true });
  throw signal.reason;
}

interface ServiceStart extends StackOptions<ServiceName> {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** resolves when the services that this one needs are up */
  readonly needed: () => Promise<unknown>;
}

async function startService(name: ServiceName, start: ServiceStart): Promise<void> {
  const startedAt = performance.now();
  try {
    writeEndpoint(start.dir, name, await launchService(name, start));
  } catch (error) {
    start.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyncError('STACK_FAILED', { message: `starting ${name}: ${reason}`, cause: error });
  }
  start.progress(`${name}: ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

async function launchService<Name extends ServiceName>(
  name: Name,
  { dir, cacheDir, signal, ...start }: ServiceStart,
): Promise<ServiceEndpoints[Name]> {
  const { pom, start: startIt }: StackService<Name> = allServices[name];
  const progress = (text: string) => start.progress(`${name}: ${text}`);
  const settings = { ...defaultSettings, ...start.settings };
  const jarDir = pom === undefined ? '' : await fetchJars({ pom: pom(settings), cacheDir, signal, progress });
  await start.needed();
  const paths = servicePaths(dir, name);
  const kept = readKept(dir, name);
  mkdirSync(paths.folder, { recursive: kept !== undefined });
  if (kept !== undefined) progress('starting on the data, ports and passwords that were kept');
  return await startIt({
    ...paths,
    kept,
    jarDir,
    signal,
    progress,
    settings,
    endpoints: readStack(dir).endpoints,
    run: (program, args, options) =>
      runCommand({ program, args, cwd: paths.folder, ...options, pidFile: paths.pidFile, signal }),
    launch: async (process) => {
      progress('starting');
      await launchProcess({ cwd: paths.folder, ...paths, ...process, signal });
    },
  });
}
