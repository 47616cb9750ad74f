// How many rows a full read will find: counted by the servers where the job wants it, or where a count costs next to nothing; else
// estimated from the regions' sizes. It is for progress only, so that no run fails by it.
import type { Clock } from '../../../src/core/clock.ts';
import type { Predicted } from '../../../src/core/status.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SharedSlots } from '../../../src/core/connector/shared-slots.ts';
import { clusterName } from '../cluster/cluster-config.ts';
import type { HBaseSourceConfig } from '../source/source-config.ts';
import { inTime } from './in-time.ts';
import type { HBaseClient } from '../client/client.ts';
import { countBelowBytes } from '../client/scan/row-count.ts';

export interface PredictionContext {
  readonly client: Pick<HBaseClient, 'countRows'>;
  readonly config: Pick<HBaseSourceConfig, 'table' | 'rows' | 'cluster' | 'count' | 'scannersPerServer'>;
  readonly slots: SharedSlots;
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface Prediction {
  readonly predicted: Predicted;
  readonly notes: readonly Text[];
}

/** `estimate`: rows from the sizes, null = unknown; `bytes`: of the regions that are read. */
export async function predictRows(
  context: PredictionContext,
  { estimate, bytes }: { readonly estimate: number | null; readonly bytes: number },
): Promise<Prediction> {
  const { client, config, slots, signal, limitMs } = context;
  const estimated = { predicted: { rows: estimate, exact: false }, notes: [] };
  if (config.count === 'estimate' && bytes >= countBelowBytes) return estimated;
  const place = { cluster: clusterName(config.cluster), perServer: config.scannersPerServer };
  const giveUp = (why: string): Prediction => ({
    ...estimated,
    notes:
      config.count === 'estimate'
        ? []
        : [
            {
              en: `the count of rows ${why}, so their number is an estimate`,
              zh: '计数未完成，行数为估计值',
            },
          ],
  });
  try {
    const predicted = await inTime(context, (within) => {
      const onServer = (server: string, work: () => Promise<number>): Promise<number> =>
        slots.run({ ...place, server }, within, work);
      const options = { signal: within, retryBudgetMs: limitMs, onServer };
      return client.countRows(config.table, config.rows.ranges, options);
    });
    return predicted === undefined
      ? giveUp(`was not over after ${limitMs / 1_000} s`)
      : { predicted, notes: [] };
  } catch (error) {
    signal.throwIfAborted();
    return giveUp(`failed: ${String(error)}`);
  }
}
