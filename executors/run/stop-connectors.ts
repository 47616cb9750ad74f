// Stops the connectors of a run that is over. Only those that still hold this run's configuration: the next run may have them.
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { Text } from '../../src/core/text.ts';
import { within } from '../../src/core/waiting/within.ts';
import type { RunSession } from './run-session.ts';
import { guardWrites } from './run-session.ts';
import type { ConnectorPlace, Wiring } from './wire-job.ts';
import { OVER } from '../../src/core/waiting/over.ts';

const STOP_LIMIT_MS = 12_000;

/** What went wrong, as notes: a run's end does not depend on it, old tasks are fenced in the target. Throws LEASE_LOST. */
export async function stopConnectors(session: RunSession, wiring: Wiring): Promise<readonly Text[]> {
  const notes = await Promise.all([wiring.source, wiring.sink].map((place) => stopOne(session, place)));
  session.lease.signal.throwIfAborted();
  return notes.filter((note) => note !== null);
}

async function stopOne(session: RunSession, { cluster, name }: ConnectorPlace): Promise<Text | null> {
  const over = new AbortController();
  const writes = guardWrites(cluster, session.lease, AbortSignal.any([over.signal, session.lease.signal]));
  const stop = async (): Promise<void> => {
    const config = await cluster.readConfig(name);
    if (config?.[KEY.taskId] !== session.run.id) return;
    // On a cluster that was chosen for this run alone nobody would ever remove them.
    if (cluster.name === session.run.cluster) await writes.remove(name);
    else await writes.stop(name);
  };
  try {
    await within(
      {
        clock: session.executor.clock,
        ms: STOP_LIMIT_MS,
        onLimit: () => {
          throw new SyncError('CONNECT_UNREACHABLE', { message: 'no answer in time' });
        },
      },
      stop(),
    );
    return null;
  } catch (error) {
    const { message } = toSyncError(error);
    return {
      en: `connector ${name} could not be stopped: ${message}`,
      zh: `未能停止连接器 ${name}，原始消息：“${message}”`,
    };
  } finally {
    over.abort(OVER);
  }
}
