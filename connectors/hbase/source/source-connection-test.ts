// The connection test of the HBase source: one step after another until one fails, each with what was found or what to do.
import { lookup } from 'node:dns/promises';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { toSyncError } from '../../../src/core/errors.ts';
import { defaultPolicy } from '../../../src/core/job.ts';
import { KnownClocks, readSourceClock } from './clock-check.ts';
import { describeSource, resolveColumns } from '../mapping/column-resolution.ts';
import type { HBaseSourceConfig } from './source-config.ts';
import type { HBaseClient } from '../client/client.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';
import { readFamilies } from '../plan/source-plan.ts';
import { findMerging } from '../mapping/key-merging.ts';
import { clipRegions } from '../plan/row-range.ts';
import { openClient } from './source-task.ts';
import { sampleTable } from '../plan/table-sample.ts';
import { refuseTypos } from '../plan/typo-check.ts';

/** Somebody waits in front of a screen. */
const stepBudgetMs = 8_000;
const typoLimitMs = 5_000;

interface Visit {
  readonly config: HBaseSourceConfig;
  readonly client: HBaseClient;
  readonly signal: AbortSignal;
  families: readonly string[];
  regions: readonly RegionLocation[];
}

const steps: readonly (readonly [string, (visit: Visit) => Promise<string>])[] = [
  ['resolve addresses', resolveAddresses],
  ['find master and region servers', findServers],
  ['find the table', findTable],
  ['read families', findFamilies],
  ['resolve columns', sampleColumns],
  ['compare clocks', compareClocks],
];

export async function testSourceConnection(
  config: HBaseSourceConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  const client = openClient(config);
  const visit: Visit = { config, client, signal, families: [], regions: [] };
  const results: CheckStep[] = [];
  try {
    for (const [name, run] of steps) {
      const step = await tryStep(name, () => run(visit));
      results.push(step);
      if (!step.ok) break;
    }
  } finally {
    client.close();
  }
  return results;
}

async function tryStep(name: string, run: () => Promise<string>): Promise<CheckStep> {
  const start = systemClock.now();
  const done = (ok: boolean, detail: string): CheckStep => ({
    name,
    ok,
    detail,
    tookMs: systemClock.now() - start,
  });
  try {
    return done(true, await run());
  } catch (error) {
    const { message, hint } = toSyncError(error, 'HBASE_UNREACHABLE');
    return done(false, `${message}. ${hint.en}`);
  }
}

async function resolveAddresses({ config }: Visit): Promise<string> {
  const { cluster } = config;
  const servers = 'zookeeper' in cluster ? cluster.zookeeper.servers : cluster.servers;
  const found = await Promise.all(
    servers.map(async ({ host, port }) => `${host}:${port} is ${(await lookup(host)).address}`),
  );
  return found.join(', ');
}

async function findServers({ client, signal }: Visit): Promise<string> {
  const { version, liveServers } = await client.admin.clusterStatus({ retryBudgetMs: stepBudgetMs, signal });
  return `HBase ${version}, ${liveServers.length} live region ${liveServers.length === 1 ? 'server' : 'servers'}`;
}

async function findTable(visit: Visit): Promise<string> {
  const { client, config, signal } = visit;
  const regions = await client.regions(config.table, { retryBudgetMs: stepBudgetMs, signal });
  visit.regions = clipRegions(regions, config.rows);
  return `${config.table} has ${regions.length} ${regions.length === 1 ? 'region' : 'regions'}`;
}

async function findFamilies(visit: Visit): Promise<string> {
  const { config, client, signal } = visit;
  visit.families = await readFamilies({ config, client, signal });
  return visit.families.join(', ');
}

async function sampleColumns({ client, config, families, regions, signal }: Visit): Promise<string> {
  const { mapping, table } = config;
  const limits = { retryBudgetMs: stepBudgetMs, limitMs: stepBudgetMs, clock: systemClock, signal };
  const sample = await sampleTable(client, table, { regions, ...limits });
  const { columns, notes, suspects } = resolveColumns({ mapping, table, families, sample });
  await refuseTypos({ client, table, ...limits, limitMs: typoLimitMs }, suspects);
  const pairs = mapping.fields.map(
    (field, index) => `${field.target} from ${describeSource(field, columns[index] ?? null)}`,
  );
  const merging = findMerging(mapping.fields, columns);
  const doubts = merging === undefined ? [] : [merging.reason.en];
  return [`${sample.rows} rows sampled`, ...pairs, ...notes.map(({ en }) => en), ...doubts].join('; ');
}

async function compareClocks({ client, signal }: Visit): Promise<string> {
  const readServers = async () =>
    (await client.admin.clusterStatus({ retryBudgetMs: stepBudgetMs, signal })).liveServers;
  const { lagMs } = defaultPolicy;
  const now = await readSourceClock({
    readServers,
    clock: systemClock,
    lagMs,
    known: new KnownClocks(),
    signal,
  });
  return `the slowest clock shows at least ${new Date(now).toISOString()}`;
}
