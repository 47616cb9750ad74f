// Start: from a run that has begun to connectors that go. A run that was taken over goes on where it stands.
import { SyncError } from '../../src/core/errors.ts';
import type { Starting } from '../patience.ts';
import { untilStored } from '../until-stored.ts';
import { followConnectors } from './follow-connectors.ts';
import type { Begun, RunSession } from './run-session.ts';
import { sayState } from './run-session.ts';
import type { StartedConnectors } from './start-connectors.ts';
import { startConnectors } from './start-connectors.ts';

export interface Started {
  readonly begun: Begun;
  readonly connectors: StartedConnectors;
}

/** Throws CONNECT_*, KAFKA_*, DATABASE_*, and what the connectors of a run that was taken over have lost. */
export async function startRun(starting: Starting, begun: Begun): Promise<Started> {
  const { session, progress } = starting;
  const { wiring } = begun;
  const followed = session.takenOver ? await followConnectors(starting, wiring) : null;
  const connectors = followed ?? (await startConnectors(starting, begun));
  if (progress.state === 'starting') await advance(starting, begun);
  const [at, to] = [wiring.source.cluster.name, wiring.sink.cluster.name];
  const where = `${connectors.incarnation === null ? 'a' : 'our'} Connect cluster ${at}${at === to ? '' : `, the sink on ${to}`}`;
  const how = followed === null ? 'resumed' : 'followed';
  session.log.add('info', `connectors ${how} on ${where}, topic ${wiring.topic}`);
  return { begun, connectors };
}

async function advance({ session, progress, signal }: Starting, { epoch }: Begun): Promise<void> {
  const { executor, run } = session;
  const { clock, owner, runs } = executor;
  progress.step = 'telling the database that the run goes';
  const step = { from: 'starting', to: 'running', epoch } as const;
  const moved = await untilStored({ clock, signal }, () => runs.advance({ id: run.id, owner, ...step }));
  if (!moved && !(await untilStored({ clock, signal }, () => isAdvanced(session))))
    throw new SyncError('LEASE_LOST', { message: `run ${run.id} is no longer this executor's` });
  progress.state = 'running';
  sayState(session, step);
}

/** A step whose answer was lost is found as done. */
async function isAdvanced({ executor, run }: RunSession): Promise<boolean> {
  const row = await executor.runs.read(run.id);
  return row !== null && row.owner === executor.owner && row.state === 'running';
}
