// One demo from the start of its services to their end.
import { join } from 'node:path';
import type { DemoPlace } from './demo-place.ts';
import { missingTools } from '../stack/missing-tools.ts';
import { openAdmin } from './admin-client.ts';
import { demoServices, startRealPlace, useRunningStack } from './real-place.ts';
import { runScenario } from './run-scenario.ts';
import { runSyncline } from './run-syncline.ts';
import type { RunningSyncline, SynclinePorts } from './run-syncline.ts';
import type { Terminal } from './show/terminal.ts';
import { formatSeconds } from './show/texts.ts';
import type { DemoTexts } from './show/texts.ts';

export interface Demo {
  readonly dir: string;
  readonly cacheDir: string;
  /** Folder of a stack to use and leave up; null: an own one. */
  readonly runningStack: string | null;
  readonly embedded: boolean;
  readonly once: boolean;
  readonly orders: number;
  readonly ports: SynclinePorts;
  readonly terminal: Terminal;
  readonly texts: DemoTexts;
  readonly signal: AbortSignal;
}

/** The exit code. When it returns or throws, nothing runs that was not running before. */
export async function runDemo(demo: Demo): Promise<number> {
  const { terminal, texts } = demo;
  const startedAt = performance.now();
  const place = await openPlace(demo);
  try {
    const syncline = await runSyncline(join(demo.dir, 'syncline'), place.settings, demo.ports);
    try {
      terminal.say(texts.serving({ api: syncline.apiUrl, worker: syncline.workerUrl }));
      return await showScenario(demo, place, { syncline, startedAt });
    } finally {
      await syncline.stop();
    }
  } finally {
    await place.close();
  }
}

async function openPlace(demo: Demo): Promise<DemoPlace> {
  const { dir, cacheDir, terminal, texts, signal, runningStack } = demo;
  const startedAt = performance.now();
  const onProgress = (line: string): void =>
    terminal.say(`${formatSeconds(performance.now() - startedAt).padStart(6)} s  ${line}`);
  if (!demo.embedded && runningStack !== null) return useRunningStack(runningStack);
  const missing = demo.embedded ? [] : missingTools(demoServices, cacheDir);
  if (missing.length > 0) {
    terminal.say(texts.missing);
    for (const line of missing) terminal.say(`  ${line}`);
  }
  if (demo.embedded || missing.length > 0) {
    terminal.say(texts.doubleLabel);
    const { openEmbeddedPlace } = await import('./embedded-place.ts');
    return await openEmbeddedPlace({ dir, onProgress, signal, texts });
  }
  terminal.say(texts.starting);
  return await startRealPlace({ dir, cacheDir, onProgress, signal });
}

async function showScenario(
  demo: Demo,
  place: DemoPlace,
  { syncline, startedAt }: { syncline: RunningSyncline; startedAt: number },
): Promise<number> {
  const { terminal, texts, signal, once, orders, runningStack } = demo;
  const outcome = await runScenario({
    place,
    admin: openAdmin(syncline.apiUrl, syncline.token, signal),
    // On a stack that others use, too, the name must be free.
    table: runningStack === null ? 'orders' : `orders_${Date.now().toString(36)}`,
    orders,
    terminal,
    texts,
    strict: once,
    signal,
    onReady: () => terminal.say(texts.ready(formatSeconds(performance.now() - startedAt))),
  });
  if (once) return outcome.isEqual && outcome.allProved ? 0 : 1;
  terminal.say('');
  terminal.say(texts.goOn({ log: syncline.logFile, config: syncline.configFile }));
  await outcome.watch.forever();
  return 0;
}
