// How far a sink that isn't ours is with a run: the records that its consumer committed, of those that the topic got for the run.
import { counted } from '../../src/core/text.ts';
import type { RecordLog } from '../../src/core/ports/record-log.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { StartedConnectors } from '../run/start-connectors.ts';
import type { Wiring } from '../run/wire-job.ts';
import type { Handover } from './watch-state.ts';

/**
 * `began`: where and on which topic. null: the cluster knows no such sink now. Throws TOPIC_MISSING when the topic is gone or another,
 * LOG_RETENTION when records went before the sink had committed them (it passes over the gap, and commits what is behind it);
 * CONNECT_*, KAFKA_*.
 */
export async function readHandover({
  log,
  wiring,
  began,
}: {
  readonly log: Pick<RecordLog, 'readOffsets'>;
  readonly wiring: Wiring;
  readonly began: Pick<StartedConnectors, 'startOffsets' | 'logIncarnation'>;
}): Promise<Handover | null> {
  const { sink, topic } = wiring;
  const doing = `reading how far ${sink.name} is in topic ${topic}`;
  // The ends first: what the sink committed afterwards may be beyond them.
  const { incarnation, partitions } = await log.readOffsets(topic);
  if (incarnation !== began.logIncarnation)
    throw new SyncError('TOPIC_MISSING', {
      message: `${doing}: it was deleted and made anew during the run`,
    });
  const committed = await sink.cluster.readOffsets(sink.name, topic);
  if (committed === null) return null;
  const handover = { sent: 0, committed: 0 };
  for (const { partition, start, end } of partitions) {
    const begin = began.startOffsets[partition] ?? 0;
    const took = Math.max(begin, committed.get(partition) ?? begin);
    if (start > took)
      throw new SyncError('LOG_RETENTION', {
        message: `${doing}: the log deleted ${counted(start - took, 'record')} of partition ${partition}, from offset ${took}, before it had committed that far`,
      });
    const sent = Math.max(0, end - begin);
    handover.sent += sent;
    handover.committed += Math.min(sent, took - begin);
  }
  return handover;
}
