// What the machine lacks for a stack, one line each, so that callers can fall back or skip.
import { existsSync } from 'node:fs';
import { findTool } from './find-tool.ts';
import { jarFolder } from './maven-jars.ts';
import { allServices } from './services/all-services.ts';
import type { ServiceName } from './stack-endpoints.ts';
import { defaultSettings, type StackSettings } from './stack-service.ts';

/** Returns e.g. `mvn: needed for kafka, hbase (jars are not in the cache)`; nothing when all is there. */
export function missingTools(
  services: readonly ServiceName[],
  cacheDir: string,
  settings: StackSettings = defaultSettings,
): string[] {
  const neededBy = new Map<string, ServiceName[]>();
  for (const name of withNeeds(services)) {
    const { tools, pom } = allServices[name];
    const isCached = pom === undefined || existsSync(jarFolder(pom(settings), cacheDir));
    for (const tool of isCached ? tools : [...tools, 'mvn'])
      neededBy.set(tool, [...(neededBy.get(tool) ?? []), name]);
  }
  const missing = [...neededBy].filter(([tool]) => findTool(tool) === undefined);
  const lines = missing.map(([tool, names]) => `${tool}: needed for ${names.join(', ')}`);
  return existsSync('/proc/self/stat') ? lines : [...lines, '/proc: the launcher runs on Linux only'];
}

/** The services together with those they need, each once. */
export function withNeeds(services: readonly ServiceName[]): ServiceName[] {
  return [...new Set(services.flatMap((name) => [...withNeeds(allServices[name].needs), name]))];
}
