// Where a user set a sink's next run by hand to start: one note of the connector. Each position carries the epoch the target
// was at; a run that begins raises it, so that what was set for that run is over with it and nobody has to clear the note.

export const START_POSITIONS = 'start-positions';

export interface SetPosition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record; null: the start of the log. */
  readonly next: number | null;
  /** The job's epoch when this was set, 0 when the target did not know the job: it holds for the run of the next epoch. */
  readonly epoch: number;
}

/** Those of a note that hold for the run after `epoch`. */
export function readSetPositions(note: string | null, epoch: number): readonly SetPosition[] {
  const all = JSON.parse(note ?? '[]') as readonly SetPosition[];
  return all.filter((position) => position.epoch === epoch);
}
