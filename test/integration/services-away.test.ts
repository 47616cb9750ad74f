// A service goes away in the middle of a run, as the whole product shows it: the run ends within seconds with the cause in its
// first line, and the next run repairs. Redis only carries wake-ups: runs go on without it. And services that are not there when
// a process starts.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findFreePort } from '../../src/stack/free-port.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { openSyncBed } from '../support/sync-bed.ts';
import type { SyncBed } from '../support/sync-bed.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const ROWS = 2_000;
const LIMIT_MS = 60_000;
/** What the job and the process are told to bear. */
const RETRY_MS = 2_000;
/** From the loss of the service to the end of the run, on a busy machine. */
const ENDS_WITHIN_MS = 20_000;

interface Ended {
  readonly state: string;
  readonly endedAt: number | null;
  readonly reason: { readonly code: string; readonly message: string; readonly detail: string | null } | null;
  readonly report: { readonly outcome: string } | null;
}

describe.skipIf(stack === null)('a service that goes away in the middle of a run', () => {
  let bed: SyncBed;
  let syncline: SynclineProcess;
  let hbase: TcpProxy[];
  let kafka: TcpProxy;
  let mysql: TcpProxy;
  let redis: TcpProxy;
  let job: string;

  beforeAll(async () => {
    if (stack === null) return;
    bed = await openSyncBed(stack, 'away');
    const { liveServers } = await bed.hbase.admin.clusterStatus();
    const at = (port: number): Promise<TcpProxy> => startTcpProxy({ host: '127.0.0.1', port });
    const hbasePorts = [stack.hbase.clientPort, ...liveServers.map(({ server }) => server.port)];
    hbase = await Promise.all(hbasePorts.map(at));
    const kafkaPort = portOf(`kafka://${stack.kafka.brokers}`);
    kafka = await at(kafkaPort);
    mysql = await at(stack.mariadb.port);
    redis = await at(portOf(stack.redis.url));
    const routes = [
      ...hbasePorts.map((port, index) => [port, hbase[index]?.port]),
      [kafkaPort, kafka.port],
      [stack.mariadb.port, mysql.port],
      [portOf(stack.redis.url), redis.port],
    ];
    syncline = await startSyncline({
      preload: fileURLToPath(new URL('../support/reroute-sockets.js', import.meta.url)),
      settings: {
        SYNCLINE_KAFKA: stack.kafka.brokers,
        SYNCLINE_REDIS: stack.redis.url,
        SYNCLINE_KAFKA_RETRY_MS: String(RETRY_MS),
        SYNCLINE_TEST_REROUTE: routes.map((route) => route.join(':')).join(),
      },
    });
    job = await createJob(bed);
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    for (const proxy of [...hbase, kafka, mysql, redis]) await proxy.close();
    await bed.close();
  });

  it('HBase: the run fails, and the next one repairs', async () => {
    const ended = await loseInRun(hbase, 'hbase');
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'SOURCE_UNREACHABLE' } });
    expect(ended.reason?.message).toMatch(/ZooKeeper: .*ECONNREFUSED/);
    await repair();
  });

  it('Kafka: the run fails, and the next one repairs', async () => {
    const ended = await loseInRun([kafka], 'kafka');
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'KAFKA_UNREACHABLE' } });
    expect(ended.reason?.message).toContain(stack?.kafka.brokers);
    await repair();
  });

  it('the target: the run is lost, since nobody can be asked there, and the next one repairs', async () => {
    const ended = await loseInRun([mysql], 'mysql');
    expect(ended).toMatchObject({ state: 'lost', reason: { code: 'TARGET_UNREACHABLE' } });
    expect(ended.reason?.message).toContain(`127.0.0.1:${stack?.mariadb.port}`);
    await repair();
  });

  it('Redis: the run goes on, and a run asked for meanwhile is found without a wake-up', async () => {
    await bed.write(0, ROWS, 'redis');
    const first = await startSlowRun();
    redis.setFault({ kind: 'down' });
    restore(hbase);
    expect(await end(first)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    expect(await end(await trigger())).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    restore([redis]);
    expect(await bed.differences()).toEqual([]);
  });

  /** Reads are slow, so that the run is surely in its middle when the services go; they stay away until it has ended. */
  async function loseInRun(proxies: readonly TcpProxy[], content: string): Promise<Ended> {
    await bed.write(0, ROWS, content);
    const run = await startSlowRun();
    const lostAt = Date.now();
    for (const proxy of proxies) proxy.setFault({ kind: 'down' });
    const ended = await end(run);
    expect((ended.endedAt ?? 0) - lostAt).toBeLessThan(ENDS_WITHIN_MS);
    restore([...hbase, ...proxies]);
    return ended;
  }

  async function startSlowRun(): Promise<string> {
    for (const proxy of hbase) proxy.setFault({ kind: 'delay', ms: 250 });
    const run = await trigger();
    await waitUntil(
      'the source reads',
      async () => {
        const { body } = await syncline.api('GET', `/api/v1/runs/${run}/log`);
        return JSON.stringify(body['lines']).includes('source: start');
      },
      LIMIT_MS,
    );
    return run;
  }

  async function repair(): Promise<void> {
    expect(await end(await trigger())).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    expect(await bed.differences()).toEqual([]);
  }

  function restore(proxies: readonly TcpProxy[]): void {
    for (const proxy of proxies) proxy.setFault({ kind: 'none' });
  }

  async function createJob(sync: SyncBed): Promise<string> {
    const spec = structuredClone(sync.job({ mode: 'full', policy: { maxAttempts: 1 } })) as {
      source: { config: Record<string, string> };
      sink: { config: Record<string, string> };
    };
    spec.source.config['hbase.retry.ms'] = String(RETRY_MS);
    spec.sink.config['retry.ms'] = String(RETRY_MS);
    // One range after another, so that the read takes a while.
    spec.source.config['hbase.scanners'] = '1';
    const { status, body } = await syncline.api('POST', '/api/v1/jobs', spec);
    expect(status, JSON.stringify(body)).toBe(201);
    return String(body['id']);
  }

  async function trigger(): Promise<string> {
    return String((await syncline.api('POST', `/api/v1/jobs/${job}/runs`)).body['id']);
  }

  async function end(run: string): Promise<Ended> {
    let body: Record<string, unknown> = {};
    await waitUntil(
      `run ${run} ends`,
      async () => {
        body = (await syncline.api('GET', `/api/v1/runs/${run}`)).body;
        return body['endedAt'] !== null;
      },
      LIMIT_MS,
    );
    return body as unknown as Ended;
  }
});

describe.skipIf(stack === null)('a service that is not there at the start', () => {
  it.each([
    ['kafka', 'KAFKA_UNREACHABLE', (port: number) => ({ SYNCLINE_KAFKA: `127.0.0.1:${port}` })],
    ['redis', 'QUEUE_UNREACHABLE', (port: number) => ({ SYNCLINE_REDIS: `redis://127.0.0.1:${port}` })],
    [
      'the database',
      'DATABASE_UNREACHABLE',
      (port: number) => ({ SYNCLINE_DATABASE: `mysql://sync:secret-word@127.0.0.1:${port}/control` }),
    ],
  ])(
    '%s: the process ends with the system, its address and a hint in both languages',
    async (_, code, settingsOf) => {
      const port = await findFreePort();
      const failure = await startSyncline({ settings: settingsOf(port) }).then(
        async (started) => {
          await started.stop();
          return 'it started';
        },
        (error: unknown) => String(error),
      );
      expect(failure).toContain('ended with 1');
      expect(failure).toContain(`${code}: `);
      expect(failure).toContain(`127.0.0.1:${port}`);
      expect(failure).toMatch(/请检查/);
      expect(failure).not.toContain('secret-word');
    },
  );
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}
