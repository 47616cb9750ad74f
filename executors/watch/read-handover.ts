// How far a sink that isn't ours is with a run: the records that its consumer committed, of those that the topic got for the run.
import type { RecordLog } from '../../src/core/ports.ts';
import type { Wiring } from '../run/wire-job.ts';

export interface Handover {
  /** Records of the run in the topic. */
  readonly sent: number;
  /** How many of them the sink committed. */
  readonly committed: number;
}

/** `from`: where the run begins in each partition. null: the cluster knows no such sink now. Throws CONNECT_*, KAFKA_*. */
export async function readHandover({
  log,
  wiring,
  from,
}: {
  readonly log: Pick<RecordLog, 'readOffsets'>;
  readonly wiring: Wiring;
  readonly from: readonly number[];
}): Promise<Handover | null> {
  const { sink, topic } = wiring;
  // The ends first: what the sink committed afterwards may be beyond them.
  const { partitions } = await log.readOffsets(topic);
  const committed = await sink.cluster.readOffsets(sink.name, topic);
  if (committed === null) return null;
  const handover = { sent: 0, committed: 0 };
  for (const { partition, end } of partitions) {
    const begin = from[partition] ?? 0;
    const sent = Math.max(0, end - begin);
    handover.sent += sent;
    handover.committed += Math.min(sent, Math.max(0, (committed.get(partition) ?? begin) - begin));
  }
  return handover;
}
