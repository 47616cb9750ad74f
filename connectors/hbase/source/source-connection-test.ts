// The connection test of the HBase source: one step after another, each with what was found or what to do.
import { counted } from '../../../src/core/text.ts';
import { lookup } from 'node:dns/promises';
import { passOver, runCheckSteps, type Finding } from '../../../src/core/connector/check-steps.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { defaultPolicy } from '../../../src/core/job.ts';
import { KnownClocks, readSourceClock } from './clock-check.ts';
import { describeSource, resolveColumns, type ResolvedColumns } from '../mapping/column-resolution.ts';
import type { HBaseSourceConfig } from './source-config.ts';
import { onSide } from '../cluster/side-errors.ts';
import type { HBaseClient } from '../client/client.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';
import { readFamilies } from '../plan/source-plan.ts';
import { checkDeletePolicy, deleteWay } from './deleted-rows.ts';
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
}

export function testSourceConnection(
  config: HBaseSourceConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    const visit: Visit = { config, client: openClient(config), signal };
    const tell = (name: string, look: (visit: Visit) => Promise<string>): Promise<null> =>
      step(name, async () => ({ detail: await onSide('SOURCE', () => look(visit)), value: null }));
    try {
      await tell('resolve addresses', resolveAddresses);
      await tell('find master and region servers', findServers);
      await tell('find the table', findTable);
      await tell('read families', findFamilies);
      await passOver(step('resolve columns', () => onSide('SOURCE', () => sampleColumns(visit))));
      await passOver(tell('compare clocks', compareClocks));
    } finally {
      visit.client.close();
    }
  }, 'SOURCE_UNREACHABLE');
}

/** The mapping's, with what the table's columns make of its key. */
export async function readSchema(config: HBaseSourceConfig, signal: AbortSignal): Promise<RowSchema> {
  const client = openClient(config);
  try {
    const { columns } = await onSide('SOURCE', () => resolveOnTable({ config, client, signal }));
    const merging = findMerging(config.mapping.fields, columns);
    return { ...config.mapping.schema, merging, deletes: deleteWay(config) ?? undefined };
  } finally {
    client.close();
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
  return `HBase ${version}, ${counted(liveServers.length, 'live region server')}`;
}

async function findTable({ client, config, signal }: Visit): Promise<string> {
  const regions = await client.regions(config.table, { retryBudgetMs: stepBudgetMs, signal });
  return `${config.table} has ${counted(regions.length, 'region')}`;
}

async function findFamilies(visit: Visit): Promise<string> {
  return (await readFamilies(visit)).join(', ');
}

async function sampleColumns(visit: Visit): Promise<Finding<null>> {
  const { mapping } = visit.config;
  const { columns, notes, rows } = await resolveOnTable(visit);
  const pairs = mapping.fields.map(
    (field, index) => `${field.target} from ${describeSource(field, columns[index] ?? null)}`,
  );
  const merging = findMerging(mapping.fields, columns);
  checkDeletePolicy(visit.config.deletes, { fields: mapping.fields, columns, merging });
  return {
    detail: [`${counted(rows, 'row')} sampled`, ...pairs, ...notes.map(({ en }) => en)].join('; '),
    doubts: merging === undefined ? [] : [merging.reason],
    value: null,
  };
}

async function resolveOnTable(visit: Visit): Promise<ResolvedColumns & { readonly rows: number }> {
  const { client, config, signal } = visit;
  const { mapping, table } = config;
  const families = await readFamilies(visit);
  const regions = await regionsOf(visit);
  const limits = { retryBudgetMs: stepBudgetMs, limitMs: stepBudgetMs, clock: systemClock, signal };
  const sample = await sampleTable(client, table, { regions, ...limits });
  const resolved = resolveColumns({ mapping, table, families, sample });
  await refuseTypos({ client, table, ...limits, limitMs: typoLimitMs }, resolved.suspects);
  return { ...resolved, rows: sample.rows };
}

async function regionsOf({ client, config, signal }: Visit): Promise<readonly RegionLocation[]> {
  const regions = await client.regions(config.table, { retryBudgetMs: stepBudgetMs, signal });
  return clipRegions(regions, config.rows);
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
