// Executors that are told to end (SIGTERM) in the middle of a run on real services: another one goes on with the same run, or the
// same one after its next start; its connectors go on meanwhile, no attempt is spent, and the target equals the source.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { findFreePort } from '../../src/stack/free-port.ts';
import { startSyncline } from './start-syncline.ts';
import type { SynclineProcess } from './start-syncline.ts';
import { keyOf, openCopyBed } from './sync-bed.ts';
import type { CopyBed } from './sync-bed.ts';
import { openMysqlTarget } from './sync-target.ts';
import type { TestStack } from './stack-setup.ts';
import { waitUntil } from './wait-until.ts';

const stack = inject('stack');
const LIMIT_MS = 60_000;

interface HandOver {
  /** Starts the process of that name, or starts it again where it stood. */
  readonly start: (name: string) => Promise<void>;
  readonly processOf: (name: string) => SynclineProcess;
  /** The run's log has a line that says so. */
  readonly logged: (line: RegExp, times: number) => Promise<void>;
}

interface Layout {
  /** By name of the process; `spare` is started by what happens. */
  readonly roles: Readonly<Record<string, string>>;
  /** Which one has the API. */
  readonly api: string;
  /** What happens to the executors while the run goes. */
  readonly happens: (handOver: HandOver) => Promise<void>;
}

export function describeHandOver(name: string, { roles, api, happens }: Layout): void {
  describe.skipIf(stack === null)(`planned restarts in the deployment ${name}`, () => {
    const running = new Map<string, SynclineProcess>();
    let bed: CopyBed | null = null;
    let folder = '';

    afterEach(async () => {
      for (const each of running.values()) await each.stop();
      running.clear();
      await bed?.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('lose no run and spend no attempt', { timeout: 300_000 }, async () => {
      if (stack === null) return;
      folder = await mkdtemp(join(tmpdir(), `syncline-hand-over-${name}-`));
      const copy = await openCopyBed(stack, `hand_over_${name}`, await openMysqlTarget(stack));
      bed = copy;
      await copy.write(0, 2_000, 'first');
      const settings = await settingsFor(stack, copy);
      const start = async (each: string): Promise<void> => {
        const own = { ...settings, SYNCLINE_ROLES: roles[each] ?? '' };
        running.set(each, await startSyncline({ settings: own, dataDir: join(folder, each) }));
      };
      for (const each of Object.keys(roles)) if (each !== 'spare') await start(each);
      const processOf = (each: string): SynclineProcess => {
        const process = running.get(each);
        if (process === undefined) throw new Error(`${each} was not started`);
        return process;
      };
      const ask = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
        (await processOf(api).api('GET', path)).body;

      const job = copy.job({ policy: { lagMs: 2_000 } });
      const jobId = String((await processOf(api).api('POST', '/api/v1/jobs', job)).body['id']);
      const trigger = async (): Promise<string> =>
        String((await processOf(api).api('POST', `/api/v1/jobs/${jobId}/runs`, { mode: 'full' })).body['id']);
      const first = await trigger();
      const isOver = async (id: string): Promise<boolean> =>
        (await ask(`/api/v1/runs/${id}`))['endedAt'] !== null;
      await waitUntil('the first run is over', () => isOver(first), LIMIT_MS);

      await copy.write(100, 200, 'second');
      await copy.target.hold(keyOf(150));
      const id = await trigger();
      await waitUntil('a transaction waits for the row', () => copy.target.isWaitedFor(), LIMIT_MS);
      const logged = (line: RegExp, times: number): Promise<void> =>
        waitUntil(
          `the run's log says ${String(line)} ${times} times`,
          async () => {
            const { lines = [] } = (await ask(`/api/v1/runs/${id}/log`)) as { lines?: { message: string }[] };
            return lines.filter(({ message }) => line.test(message)).length >= times;
          },
          LIMIT_MS,
        );
      await happens({ start, processOf, logged });
      await copy.target.letGo();
      await waitUntil('the run is over', () => isOver(id), LIMIT_MS);
      const { state, attempt, reason } = await ask(`/api/v1/runs/${id}`);
      expect({ state, attempt, reason }).toEqual({ state: 'succeeded', attempt: 1, reason: null });
      const { runs } = await ask(`/api/v1/runs?jobId=${jobId}`);
      expect((runs as { id: string }[]).map((run) => run.id)).toEqual([id, first]);
      expect(await copy.differences()).toEqual([]);
    });
  });
}

async function settingsFor(
  services: TestStack,
  { target }: CopyBed,
): Promise<Readonly<Record<string, string>>> {
  const workerPort = String(await findFreePort());
  return {
    SYNCLINE_KAFKA: services.kafka.brokers,
    SYNCLINE_REDIS: services.redis.url,
    SYNCLINE_DATABASE: target.databaseUrl,
    SYNCLINE_CONNECT: `http://127.0.0.1:${workerPort}`,
    SYNCLINE_WORKER_PORT: workerPort,
    SYNCLINE_SECRET_KEY: '11'.repeat(32),
  };
}
