// The connection test of the HBase sink: the cluster, the ledger, the target table, and whether it keeps the rows. Nothing is made or
// changed; once the cluster answers, what is wrong with one does not hide what is wrong with another.
import { passOver, runCheckSteps, type Finding } from '../../../src/core/connector/check-steps.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { counted } from '../../../src/core/text.ts';
import type { HBaseClient } from '../client/client.ts';
import { findLedgerTable, nextTimestamp, openLedgerRow } from './ledger-row.ts';
import { foreseeTable } from './prepare-table.ts';
import { onTarget, openSinkClient } from './sink-client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import { doubtHidden } from './sink-newer-cells.ts';

/** Somebody waits in front of a screen. */
const budgetMs = 8_000;

interface Visit {
  readonly client: HBaseClient;
  readonly config: HBaseSinkConfig;
  readonly signal: AbortSignal;
}

export function testSinkConnection(
  config: HBaseSinkConfig,
  signal: AbortSignal,
  rows?: RowSchema,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () =>
      Promise.resolve({ detail: `table ${config.table}, ledger ${config.ledgerTable}`, value: null }),
    );
    const visit: Visit = { client: openSinkClient(config, budgetMs), config, signal };
    try {
      await step('find master and region servers', () => onTarget(() => findServers(visit)));
      await passOver(step('ledger', () => onTarget(() => findLedger(visit))));
      await step('table', () => onTarget(() => findTable(visit)));
      if (rows !== undefined) await step('rows', () => onTarget(() => foreseeRows(visit, rows)));
    } finally {
      visit.client.close();
    }
  });
}

async function findServers({ client, signal }: Visit): Promise<Finding<null>> {
  const { version, liveServers } = await client.admin.clusterStatus({ signal });
  return { detail: `HBase ${version}, ${counted(liveServers.length, 'live region server')}`, value: null };
}

async function findLedger({ client, config, signal }: Visit): Promise<Finding<null>> {
  const { ledgerTable, table } = config;
  if (!(await findLedgerTable(client, ledgerTable, signal)))
    return { detail: `the first run will make the table ${ledgerTable}`, value: null };
  const { job } = await openLedgerRow(client, { ledgerTable, target: table, signal }).readHead();
  return {
    detail: job === null ? 'no job writes to the table yet' : `job ${job.job} writes to it`,
    value: null,
  };
}

async function findTable({ client, config, signal }: Visit): Promise<Finding<null>> {
  const found = await client.admin.describeTable(config.table, { signal });
  if (found !== undefined) {
    const families = found.families.map(({ name }) => name.toString());
    return { detail: `it has ${families.join(', ')}`, value: null };
  }
  if (config.autoCreate) return { detail: 'it will be created', value: null };
  throw new SyncError('TARGET_SCHEMA', {
    message: `${config.table} does not exist; create it, or set auto.create=true`,
  });
}

async function foreseeRows(visit: Visit, rows: RowSchema): Promise<Finding<null>> {
  const { client, config, signal } = visit;
  const { plan, found, doubts } = await foreseeTable(client, config, rows);
  const hidden =
    found === null ? [] : await doubtHidden(client, config, { plan, from: await nextOf(visit), signal });
  const detail = `every field has its column (${rows.fields.length})`;
  return { detail, doubts: [...doubts, ...hidden], value: null };
}

async function nextOf({ client, config, signal }: Visit): Promise<number> {
  const { ledgerTable, table } = config;
  if (!(await findLedgerTable(client, ledgerTable, signal))) return nextTimestamp({ clock: 0 });
  return nextTimestamp(await openLedgerRow(client, { ledgerTable, target: table, signal }).readHead());
}
