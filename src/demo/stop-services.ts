// Stops services of a stack by what their pid files say, those first that lean on others.
import { rmSync } from 'node:fs';
import { killProcess, stopProcess } from './process-record.ts';
import { allServices } from './services/all-services.ts';
import type { ServiceName } from './stack-endpoints.ts';
import { readService, removeService, servicePaths } from './stack-folder.ts';

/** The caller holds the stack's lock. Returns the services whose process it ended. */
export async function stopServices(dir: string, names: readonly ServiceName[]): Promise<ServiceName[]> {
  const leaning = names.filter((name) => allServices[name].needs.length > 0);
  const others = names.filter((name) => allServices[name].needs.length === 0);
  const stopped = await Promise.all(leaning.map((name) => stopService(dir, name)));
  stopped.push(...(await Promise.all(others.map((name) => stopService(dir, name)))));
  return names.filter((name) => stopped.includes(name));
}

async function stopService(dir: string, name: ServiceName): Promise<ServiceName | undefined> {
  const { stopSignal, stopLimitMs, outsideFolder } = allServices[name];
  const service = readService(dir, name);
  if (service.state === 'running') await stopProcess(service.process, stopSignal, stopLimitMs);
  if (service.state === 'unready') await killProcess(service.process);
  removeService(dir, name);
  const outside = outsideFolder?.(servicePaths(dir, name).folder);
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
  return service.state === 'running' || service.state === 'unready' ? name : undefined;
}
