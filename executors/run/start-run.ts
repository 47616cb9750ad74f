// Start: from a run that has begun to connectors that go. A run that was taken over goes on with those that it still has.
import { SyncError } from '../../src/core/errors.ts';
import type { Starting } from '../patience.ts';
import { untilStored } from '../until-stored.ts';
import { followConnectors } from './follow-connectors.ts';
import type { Begun, RunSession } from './run-session.ts';
import { sayState } from './run-session.ts';
import type { Prepared, StartedConnectors } from './start-connectors.ts';
import { startConnectors } from './start-connectors.ts';

export interface Started extends Begun {
  readonly connectors: StartedConnectors;
  readonly how: 'resumed' | 'followed';
}

/** null: it was not taken over, or its source was never told of it. Throws CONNECT_*, KAFKA_*, and what its connectors have lost. */
export async function followRun(starting: Starting, reached: Begun): Promise<Started | null> {
  const connectors = starting.session.takenOver ? await followConnectors(starting, reached) : null;
  return connectors === null ? null : { ...reached, connectors, how: 'followed' };
}

/** Throws CONNECT_*, FENCED when a connector holds a newer run. */
export async function startRun(starting: Starting, reached: Prepared): Promise<Started> {
  return { ...reached, connectors: await startConnectors(starting, reached), how: 'resumed' };
}

/** Throws DATABASE_*, LEASE_LOST. */
export async function advanceRun(starting: Starting, reached: Started): Promise<Started> {
  const { session } = starting;
  const { wiring, connectors, how } = reached;
  if (reached.state === 'starting') await advance(starting, reached);
  const [at, to] = [wiring.source.cluster.name, wiring.sink.cluster.name];
  const where = `${connectors.incarnation === null ? 'a' : 'our'} Connect cluster ${at}${at === to ? '' : `, the sink on ${to}`}`;
  session.log.add('info', `connectors ${how} on ${where}, topic ${wiring.topic}`);
  return { ...reached, state: 'running' };
}

async function advance({ session, signal, say }: Starting, { epoch }: Begun): Promise<void> {
  const { executor, run } = session;
  const { clock, owner, runs } = executor;
  say({ step: 'telling the database that the run goes', trouble: null });
  const step = { from: 'starting', to: 'running', epoch } as const;
  const moved = await untilStored({ clock, signal }, () => runs.advance({ id: run.id, owner, ...step }));
  if (!moved && !(await untilStored({ clock, signal }, () => isAdvanced(session))))
    throw new SyncError('LEASE_LOST', { message: `run ${run.id} is no longer this executor's` });
  sayState(session, step);
}

/** A step whose answer was lost is found as done. */
async function isAdvanced({ executor, run }: RunSession): Promise<boolean> {
  const row = await executor.runs.read(run.id);
  return row !== null && row.owner === executor.owner && row.state === 'running';
}
