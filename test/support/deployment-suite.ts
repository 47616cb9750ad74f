// A deployment on real services, each of its processes killed with -9 in the middle of a run: no fire is lost or doubled, every
// run ends, and the target equals the source after the next run. A run of another job that shares a limit of one waits for each of
// them, says so, and starts when the place is free. One file per deployment, so that they run side by side.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import type { Run } from '../../src/core/run.ts';
import { findFreePort } from '../../src/stack/free-port.ts';
import { startSyncline } from './start-syncline.ts';
import type { SynclineProcess } from './start-syncline.ts';
import { openMysqlTarget } from './sync-target.ts';
import type { SyncTarget } from './sync-target.ts';
import type { TestStack } from './stack-setup.ts';
import { coveredInstants } from './covered-instants.ts';
import { keyOf, openCopyBed } from './sync-bed.ts';
import type { CopyBed } from './sync-bed.ts';
import { waitUntil } from './wait-until.ts';

const stack = inject('stack');
const ROWS = 20_000;
const PERIOD_MS = 5_000;
const END_LIMIT_MS = 60_000;

interface Started {
  readonly roles: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly dataDir: string;
  process: SynclineProcess;
}

/** `processes`: the roles of each. */
export function describeDeployment(
  name: string,
  processes: readonly string[],
  openTarget: (stack: TestStack) => Promise<SyncTarget> = openMysqlTarget,
): void {
  describe.skipIf(stack === null)(`the deployment ${name}`, () => {
    let started: Started[] = [];
    let bed: CopyBed | null = null;
    let folder = '';

    afterEach(async () => {
      for (const each of started) await each.process.stop();
      await bed?.close();
      await rm(folder, { recursive: true, force: true });
      started = [];
    });

    it('survives the death of each of its processes', { timeout: 400_000 }, async () => {
      if (stack === null) return;
      folder = await mkdtemp(join(tmpdir(), `syncline-${name}-`));
      bed = await openCopyBed(stack, `deploy_${name}`, await openTarget(stack));
      await bed.write(0, ROWS, 'first');
      started = await startAll(processes, bed);
      const api = apiOf(started);
      const { body: job } = await api.api(
        'POST',
        '/api/v1/jobs',
        bed.job({
          labels: ['shared'],
          schedule: { cron: '0/5 * * * * ?', timeZone: 'UTC' },
          policy: { lagMs: 2_000, maxAttempts: 3, retryDelayMs: 1_000, startMs: 30_000, stallMs: 30_000 },
        }),
      );
      const jobId = String(job['id']);
      await succeed(jobId);
      await writeFile(join(folder, 'in.txt'), 'one\ntwo\n');
      const { body: beside } = await api.api('POST', '/api/v1/jobs', fileJob);
      await api.api('PUT', '/api/v1/limits', { kind: 'label', name: 'shared', max: 1 });
      for (const victim of started) await killInRun(victim, [jobId, String(beside['id'])], bed);
      await bed.write(0, 50, 'last');
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await succeed(jobId);
      expect(await bed.differences()).toEqual([]);
      await expectEveryFireOnce(jobId);
    });

    async function startAll(processes: readonly string[], { target }: CopyBed): Promise<Started[]> {
      if (stack === null) return [];
      const workerPort = String(await findFreePort());
      const all: Started[] = [];
      for (const [index, roles] of processes.entries()) {
        const settings = {
          SYNCLINE_ROLES: roles,
          SYNCLINE_KAFKA: stack.kafka.brokers,
          SYNCLINE_REDIS: stack.redis.url,
          SYNCLINE_DATABASE: target.databaseUrl,
          SYNCLINE_CONNECT: `http://127.0.0.1:${workerPort}`,
          SYNCLINE_WORKER_PORT: workerPort,
          SYNCLINE_SECRET_KEY: '11'.repeat(32),
          SYNCLINE_FILE_ROOT: folder,
        };
        const dataDir = join(folder, String(index));
        all.push({ roles, settings, dataDir, process: await startSyncline({ settings, dataDir }) });
      }
      return all;
    }

    /** A lock on one target row holds the run open; then the victim dies, comes back, and the lock goes. */
    async function killInRun(
      victim: Started,
      [jobId, besideId]: readonly [string, string],
      sync: CopyBed,
    ): Promise<void> {
      const { target } = sync;
      await sync.write(100, 200, `before the death of ${victim.roles}`);
      await target.hold(keyOf(150));
      const runId = await trigger(jobId);
      await waitUntil(
        'the run is in the middle',
        async () => (await stateOf(runId)) === 'running',
        END_LIMIT_MS,
      );
      await waitUntil('a transaction waits for the row', () => target.isWaitedFor(), END_LIMIT_MS);
      const waiting = await trigger(besideId);
      expect((await runOf(waiting))['waitsFor']).toMatchObject({
        kind: 'limit',
        limit: { name: 'shared', max: 1 },
      });
      await victim.process.kill();
      await target.letGo();
      const { settings, dataDir } = victim;
      victim.process = await startSyncline({ settings, dataDir });
      await waitUntil(
        `the run ends after the death of ${victim.roles}`,
        async () => isEnded(await stateOf(runId)),
        END_LIMIT_MS,
      );
      await waitUntil(
        `the run that waited for its place succeeds after the death of ${victim.roles}`,
        async () => (await stateOf(waiting)) === 'succeeded',
        END_LIMIT_MS,
      );
      await succeed(jobId);
    }

    async function trigger(jobId: string): Promise<string> {
      // A scheduled run may be going: the one by hand waits its turn.
      const { body } = await apiOf(started).api('POST', `/api/v1/jobs/${jobId}/runs`, { mode: 'full' });
      return String(body['id']);
    }

    async function stateOf(runId: string): Promise<string> {
      return String((await runOf(runId))['state']);
    }

    async function runOf(runId: string): Promise<Readonly<Record<string, unknown>>> {
      return (await apiOf(started).api('GET', `/api/v1/runs/${runId}`)).body;
    }

    /** A run that is planned from now on ends well. */
    async function succeed(jobId: string): Promise<void> {
      const from = Date.now();
      await waitUntil(
        'a later run succeeds',
        async () =>
          (await runsOf(jobId)).some(
            (run) => run.state === 'succeeded' && run.plannedAt >= from && run.report?.outcome === 'proved',
          ),
        90_000,
      );
    }

    interface RunRow {
      readonly state: string;
      readonly plannedAt: number;
      readonly instants: Run['instants'];
      readonly attempt: number;
      readonly trigger: { readonly kind: string };
      readonly report: { readonly outcome: string } | null;
    }

    async function runsOf(jobId: string): Promise<RunRow[]> {
      const { body } = await apiOf(started).api('GET', `/api/v1/runs?jobId=${jobId}&limit=500`);
      return body['runs'] as unknown as RunRow[];
    }

    /** Planned instants of first attempts form a chain of the schedule's period, each once; all but the newest are over. */
    async function expectEveryFireOnce(jobId: string): Promise<void> {
      const fires = (await runsOf(jobId)).filter(
        (run) => run.trigger.kind === 'schedule' && run.attempt === 1,
      );
      const instants = coveredInstants(fires, PERIOD_MS);
      expect(instants.length).toBeGreaterThan(3);
      const first = instants[0] ?? 0;
      expect(instants).toEqual(instants.map((_, i) => first + i * PERIOD_MS));
      const old = fires.filter((run) => run.plannedAt < Date.now() - 30_000);
      expect(old.filter((run) => !isEnded(run.state))).toEqual([]);
    }
  });
}

const fileJob = {
  name: 'beside',
  labels: ['shared'],
  mode: 'full',
  source: {
    connector: 'io.syncline.file.FileSourceConnector',
    config: { file: 'in.txt', topic: 'deployment-lines' },
  },
  sink: { connector: 'io.syncline.file.FileSinkConnector', config: { file: 'out.txt' } },
};

function apiOf(started: readonly Started[]): SynclineProcess {
  const found = started.find((each) => each.roles.includes('api'))?.process;
  if (found === undefined) throw new Error('no API');
  return found;
}

function isEnded(state: string): boolean {
  return !['queued', 'starting', 'running'].includes(state);
}
