// write.mode=0 replaces the whole table: what a run does not read would be gone.
import type { TableSinkConfig } from '../../../../src/core/connector/table-sink-config.ts';

/** As SinkPlugin has it. */
export function fullOnly({ loadsAside }: Pick<TableSinkConfig, 'loadsAside'>): string | null {
  return loadsAside ? 'write.mode=0 replaces the whole table with what a run reads' : null;
}
