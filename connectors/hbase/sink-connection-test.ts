// The connection test of the HBase sink: one step after another until one fails, each with what was found or what to do.
import { runCheckSteps } from '../../src/core/check-steps.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { CheckStep } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import { ensureLedgerTable, openLedgerRow } from './ledger-row.ts';
import { onTarget, openSinkClient } from './sink-client.ts';
import { readSinkConfig } from './sink-config.ts';

/** Somebody waits in front of a screen. */
const budgetMs = 8_000;

export function testSinkConnection(
  config: ConnectorConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    const read = await step('configuration', () => {
      const value = readSinkConfig(config);
      return Promise.resolve({ detail: `table ${value.table}, ledger ${value.ledgerTable}`, value });
    });
    const client = openSinkClient(read, budgetMs);
    try {
      await step('find master and region servers', async () => {
        const { version, liveServers } = await onTarget(() => client.admin.clusterStatus({ signal }));
        return { detail: `HBase ${version}, ${liveServers.length} live region servers`, value: null };
      });
      await step('ledger', async () => {
        await onTarget(() => ensureLedgerTable(client, read.ledgerTable));
        const row = openLedgerRow(client, { ledgerTable: read.ledgerTable, target: read.table, signal });
        const { job } = (await onTarget(() => row.load())).ledger;
        return { detail: job === null ? 'there is none yet' : `job ${job.job} writes to it`, value: null };
      });
      await step('table', async () => {
        const found = await onTarget(() => client.admin.describeTable(read.table, { signal }));
        if (found !== undefined) {
          const families = found.families.map(({ name }) => name.toString());
          return { detail: `it has ${families.join(', ')}`, value: null };
        }
        if (read.autoCreate) return { detail: 'it will be created', value: null };
        throw new SyncError('TARGET_SCHEMA', {
          message: `${read.table} does not exist; create it, or set auto.create=true`,
        });
      });
    } finally {
      client.close();
    }
  });
}
