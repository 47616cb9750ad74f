// What goes with a deleted connector. A job's takes its notes: its name is never used again. A sink that ran by hand takes its rows in the
// target's ledger; where it stood stays in the worker's notes, as a consumer group outlives its connector in Connect: made again under its
// name it does not read an old run's records.
import { KEY } from '../../core/connector/keys.ts';
import type { DefinedConnector } from './herder.ts';
import type { OffsetStore } from './offset-store.ts';
import { LAST_POSITIONS } from '../sink/sink-ledger.ts';
import { readSetPositions, START_POSITIONS } from '../sink/sink-positions.ts';

/** Once its task has stopped. Throws what the target's ledger throws. */
export async function forgetConnector(notes: OffsetStore, connector: DefinedConnector): Promise<void> {
  const { name, config, plugin } = connector;
  if ((config[KEY.job] ?? '') !== '') return notes.remove(name);
  if (plugin?.type !== 'sink') return;
  // Never begun by hand: the target knows nothing of it.
  if ((await notes.read(name, LAST_POSITIONS)) === null) return;
  const job = `connect:${name}`;
  const ledger = await plugin.openLedger(config);
  try {
    const held = await ledger.readJob(job);
    if (held === null) return;
    await notes.write(name, LAST_POSITIONS, JSON.stringify(await ledger.readPartitions(job)));
    // Epochs begin anew: what was set for the next run is set for the first one now.
    const set = readSetPositions(await notes.read(name, START_POSITIONS), held.epoch);
    await notes.write(name, START_POSITIONS, JSON.stringify(set.map((at) => ({ ...at, epoch: 0 }))));
    await ledger.remove(job);
  } finally {
    await ledger.close();
  }
}
