// Writing and removing rows through a sink's store as a run has it, one store for each act.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { ReadyTable, RefusedRow, SinkStore } from '../../src/core/connector/sink-store.ts';
import { batchOf, openRun } from '../conformance/sink-bed.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';

type Row = readonly (string | Uint8Array | null)[];

/** What a run is opened with; without a schema the usual one. */
interface RunOptions {
  readonly schema?: RowSchema;
  readonly config?: ConnectorConfig;
}

/** `bed` is asked when it is used. */
export function throughStores(bed: () => SinkBed, usual: RowSchema) {
  const withStore = async <T>(
    table: string,
    options: RunOptions,
    work: (store: SinkStore, prepared: ReadyTable) => Promise<T>,
  ): Promise<T> => {
    const config = bed().configOf(table, options.config);
    const { store, prepared } = await openRun(bed(), config, options.schema ?? usual);
    try {
      return await work(store, prepared);
    } finally {
      await store.close();
    }
  };
  return {
    withStore,
    write: (table: string, rows: readonly Row[], options: RunOptions = {}): Promise<readonly RefusedRow[]> =>
      withStore(table, options, (store) => store.transaction((tx) => tx.writeRows(batchOf(rows)))),
    remove: (table: string, rows: readonly Row[], schema: RowSchema): Promise<void> =>
      withStore(table, { schema }, (store) => store.transaction((tx) => tx.deleteRows(batchOf(rows)))),
  };
}
