// Stops services of a stack by what their pid files say, those first that lean on others.
import { rmSync } from 'node:fs';
import { killProcess, stopProcess } from './process-record.ts';
import { allServices } from './services/all-services.ts';
import type { ServiceName } from './stack-endpoints.ts';
import { keepService, readKept, readService, removeService, servicePaths } from './stack-folder.ts';

/** A server that writes its data out before it ends may take so long. */
const keepLimitMs = 30_000;

export interface StopOptions {
  /** The next start is on the same data, ports and passwords. */
  readonly keepData: boolean;
}

/** The caller holds the stack's lock. Returns the services whose process it ended. */
export async function stopServices(
  dir: string,
  names: readonly ServiceName[],
  options: StopOptions,
): Promise<ServiceName[]> {
  const leaning = names.filter((name) => allServices[name].needs.length > 0);
  const others = names.filter((name) => allServices[name].needs.length === 0);
  const stopped = await Promise.all(leaning.map((name) => stopService(dir, name, options)));
  stopped.push(...(await Promise.all(others.map((name) => stopService(dir, name, options)))));
  return names.filter((name) => stopped.includes(name));
}

async function stopService(
  dir: string,
  name: ServiceName,
  { keepData }: StopOptions,
): Promise<ServiceName | undefined> {
  const { stopSignal, stopLimitMs, outsideFolder } = allServices[name];
  const service = readService(dir, name);
  if (service.state === 'running')
    await stopProcess(
      service.process,
      stopSignal,
      keepData ? Math.max(keepLimitMs, stopLimitMs) : stopLimitMs,
    );
  if (service.state === 'unready') await killProcess(service.process);
  if (keepData) keepService(dir, name);
  else removeService(dir, name);
  const kept = readKept(dir, name) !== undefined;
  const outside = outsideFolder?.(servicePaths(dir, name).folder);
  if (outside !== undefined && !kept) rmSync(outside, { recursive: true, force: true });
  return service.state === 'running' || service.state === 'unready' ? name : undefined;
}
