// The connection test of the HBase sink: one step after another until one fails, each with what was found or what to do.
import { runCheckSteps } from '../../../src/core/connector/check-steps.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { ensureLedgerTable, openLedgerRow } from './ledger-row.ts';
import { onTarget, openSinkClient } from './sink-client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';

/** Somebody waits in front of a screen. */
const budgetMs = 8_000;

export function testSinkConnection(
  config: HBaseSinkConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () =>
      Promise.resolve({ detail: `table ${config.table}, ledger ${config.ledgerTable}`, value: null }),
    );
    const client = openSinkClient(config, budgetMs);
    try {
      await step('find master and region servers', async () => {
        const { version, liveServers } = await onTarget(() => client.admin.clusterStatus({ signal }));
        return { detail: `HBase ${version}, ${liveServers.length} live region servers`, value: null };
      });
      await step('ledger', async () => {
        await onTarget(() => ensureLedgerTable(client, config.ledgerTable));
        const row = openLedgerRow(client, { ledgerTable: config.ledgerTable, target: config.table, signal });
        const { job } = (await onTarget(() => row.load())).ledger;
        return { detail: job === null ? 'there is none yet' : `job ${job.job} writes to it`, value: null };
      });
      await step('table', async () => {
        const found = await onTarget(() => client.admin.describeTable(config.table, { signal }));
        if (found !== undefined) {
          const families = found.families.map(({ name }) => name.toString());
          return { detail: `it has ${families.join(', ')}`, value: null };
        }
        if (config.autoCreate) return { detail: 'it will be created', value: null };
        throw new SyncError('TARGET_SCHEMA', {
          message: `${config.table} does not exist; create it, or set auto.create=true`,
        });
      });
    } finally {
      client.close();
    }
  });
}
