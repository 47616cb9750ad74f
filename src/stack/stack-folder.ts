// The folder of one stack:
//
//   .syncline-stack        marks it as ours; nothing is deleted in a folder without it
//   lock                   held by the process that is starting or stopping services here
//   run/<service>.pid      written by the service's process itself (boot id, pid, start time)
//   run/<service>.json     its endpoint, written when it was ready
//   run/<service>.kept     the same of a service that was stopped with its data kept: the next start is on it
//   log/<service>.log      kept after a stop
//   <service>/             its configuration and data
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../core/errors.ts';
import { readPidFile } from './launch-process.ts';
import type { ProcessRecord } from './process-record.ts';
import type { ServiceEndpoints, ServiceName } from './stack-endpoints.ts';

const marker = '.syncline-stack';

export interface ServicePaths {
  readonly folder: string;
  readonly pidFile: string;
  readonly endpointFile: string;
  readonly keptFile: string;
  readonly logFile: string;
}

/** Makes the folder where needed. Throws BAD_INPUT on one that holds somebody else's files. */
export function openStackFolder(dir: string): void {
  if (!existsSync(join(dir, marker)) && existsSync(dir) && readdirSync(dir).length > 0)
    throw new SyncError('BAD_INPUT', { message: `opening ${dir}: it is not empty and not a stack's folder` });
  mkdirSync(join(dir, 'run'), { recursive: true });
  mkdirSync(join(dir, 'log'), { recursive: true });
  writeFileSync(
    join(dir, marker),
    'Made by the launcher of Syncline; safe to delete when the stack is down.\n',
  );
}

export function isStackFolder(dir: string): boolean {
  return existsSync(join(dir, marker));
}

export function stackLock(dir: string): string {
  return join(dir, 'lock');
}

export function servicePaths(dir: string, name: ServiceName): ServicePaths {
  return {
    folder: join(dir, name),
    pidFile: join(dir, 'run', `${name}.pid`),
    endpointFile: join(dir, 'run', `${name}.json`),
    keptFile: join(dir, 'run', `${name}.kept`),
    logFile: join(dir, 'log', `${name}.log`),
  };
}

export type ServiceState<Name extends ServiceName = ServiceName> =
  | { readonly state: 'running'; readonly process: ProcessRecord; readonly endpoint: ServiceEndpoints[Name] }
  // Its launcher is at work, or was killed before the service answered.
  | { readonly state: 'unready'; readonly process: ProcessRecord }
  | { readonly state: 'dead' }
  | { readonly state: 'absent' };

export function readService<Name extends ServiceName>(dir: string, name: Name): ServiceState<Name> {
  const paths = servicePaths(dir, name);
  const process = readPidFile(paths.pidFile);
  if (process === undefined) return { state: existsSync(paths.pidFile) ? 'dead' : 'absent' };
  if (!existsSync(paths.endpointFile)) return { state: 'unready', process };
  const endpoint = JSON.parse(readFileSync(paths.endpointFile, 'utf8')) as ServiceEndpoints[Name];
  return { state: 'running', process, endpoint };
}

export function writeEndpoint(dir: string, name: ServiceName, endpoint: ServiceEndpoints[ServiceName]): void {
  const file = servicePaths(dir, name).endpointFile;
  writeFileSync(`${file}.draft`, JSON.stringify(endpoint), { mode: 0o600 });
  renameSync(`${file}.draft`, file);
  rmSync(servicePaths(dir, name).keptFile, { force: true });
}

/** The endpoint that a stopped service had and is to have again; undefined: it starts from nothing. */
export function readKept<Name extends ServiceName>(
  dir: string,
  name: Name,
): ServiceEndpoints[Name] | undefined {
  const { keptFile } = servicePaths(dir, name);
  if (!existsSync(keptFile)) return undefined;
  return JSON.parse(readFileSync(keptFile, 'utf8')) as ServiceEndpoints[Name];
}

/** Only for a service whose process is gone. One that never was ready has nothing to keep. */
export function keepService(dir: string, name: ServiceName): void {
  const { endpointFile, keptFile, pidFile } = servicePaths(dir, name);
  if (existsSync(endpointFile)) renameSync(endpointFile, keptFile);
  if (existsSync(keptFile)) rmSync(pidFile, { force: true });
  else removeService(dir, name);
}

/** Only for a service whose process is gone. */
export function removeService(dir: string, name: ServiceName): void {
  const paths = servicePaths(dir, name);
  rmSync(paths.endpointFile, { force: true });
  rmSync(paths.keptFile, { force: true });
  rmSync(paths.folder, { recursive: true, force: true });
  rmSync(paths.pidFile, { force: true });
}
