// What a connector is to be, what it is, and the next step between the two.
//
//   target      STARTED | PAUSED | STOPPED               set by a request, kept over a restart of the worker
//   task        none · waiting · running · paused · failed
//
//                    start            pause
//   none ──► waiting ─────► running ◄───────► paused        renew: stop what runs, then wait again (new configuration,
//              ▲               │      resume     │                 restart asked for)
//              └──── renew ────┼─────────────────┤          stop: back to none, from everywhere, when the target is
//                       ▲      ▼                 ▼                 STOPPED
//                       └─── failed ◄────────────┘          A failed task stays failed until it is renewed.
//
// States as REST shows them: waiting = UNASSIGNED (PAUSED when the target is), the others by their name; RESTARTING while a
// restart that was asked for has not happened. A connector has one task: one speaker per connector (contract §3), and
// parallelism is inside the task, by splits and partitions. `tasks.max` is accepted and may be 1 or more.

export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED';

export type ShownState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING';

export type TaskPhase = 'waiting' | 'running' | 'paused' | 'failed';

export interface WantedState {
  readonly target: TargetState;
  readonly generation: number;
}

export interface TaskState {
  readonly phase: TaskPhase;
  readonly generation: number;
  readonly restartAsked: boolean;
}

export type Step = 'start' | 'pause' | 'resume' | 'renew' | 'stop';

/** null: nothing to do. */
export function nextStep(wanted: WantedState, task: TaskState | null): Step | null {
  if (wanted.target === 'STOPPED') return task === null ? null : 'stop';
  if (task === null) return wanted.target === 'STARTED' ? 'start' : null;
  if (task.restartAsked || task.generation !== wanted.generation) return 'renew';
  if (wanted.target === 'PAUSED') return task.phase === 'running' ? 'pause' : null;
  if (task.phase === 'waiting') return 'start';
  return task.phase === 'paused' ? 'resume' : null;
}

/** The state of a connector that is what it is to be. */
export function settledState(target: TargetState): ShownState {
  return target === 'STARTED' ? 'RUNNING' : target;
}

export function shownTaskState(task: TaskState, target: TargetState): ShownState {
  if (task.restartAsked) return 'RESTARTING';
  if (task.phase !== 'waiting') return task.phase === 'running' ? 'RUNNING' : upper(task.phase);
  return target === 'PAUSED' ? 'PAUSED' : 'UNASSIGNED';
}

function upper(phase: 'paused' | 'failed'): ShownState {
  return phase === 'paused' ? 'PAUSED' : 'FAILED';
}
