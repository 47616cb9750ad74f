// A message of the topic `pkuse_status`: the contract's five fields, then Syncline's own.
import { readShape } from './errors.ts';
import type { ErrorShape } from './errors.ts';
import type { Text } from './text.ts';
import type { Window } from './window.ts';

export const STATUS_TOPIC = 'pkuse_status';

export type Stage = 'start' | 'processing' | 'end' | 'error';

export interface StatusMessage {
  readonly connectorName: string;
  readonly taskId: string;
  readonly dataTopicName?: string;
  readonly stage: Stage;
  /** start: predicted total or `unknown` · processing: progress in words · end: exact total · error: the trace, cause first. */
  readonly description: string;
  /** Everything below is Syncline's addition; a foreign connector's message has none of it. */
  readonly syncline?: StatusDetail;
}

export interface StatusDetail {
  readonly side: 'source' | 'sink';
  readonly job: string;
  readonly epoch: number;
  /** Milliseconds since the epoch, sender's clock. */
  readonly at: number;
  /** True when a restarted task says again what an earlier one said. */
  readonly repeat: boolean;
  readonly predicted: Predicted;
  readonly counts: RunCounts;
  /** At stage `error`: what went wrong, in parts; `description` is its trace. */
  readonly error?: ErrorShape;
  /** How the source reads: e.g. which increments path, which count; said in the run report. */
  readonly notes?: readonly Text[];
  /** [from, to) of the plan, once known. */
  readonly window?: Window;
  readonly splits?: { readonly total: number; readonly ended: number };
}

export interface Predicted {
  /** null: unknown. */
  readonly rows: number | null;
  readonly exact: boolean;
}

/** null = not known to this side. read = filtered + emitted; emitted = written + dirty + deleted at the end of a proved run. */
export interface RunCounts {
  readonly read: number | null;
  readonly filtered: number | null;
  readonly emitted: number | null;
  readonly written: number | null;
  readonly dirty: number | null;
  /** Cells that did not fit their field and were sent as NULL, by their field's policy: they change no count of rows. */
  readonly nulled: number | null;
  /** Rows that the source said are gone, and that were removed from the target by key, there or not. */
  readonly deleted: number | null;
  /** Rows of the target that a comparison of keys did not find in the source, and that were removed as the run completed. */
  readonly removed: number | null;
  /** Records of other runs, plans or attempts that the sink passed over. */
  readonly skipped: number | null;
}

export const noCounts: RunCounts = {
  read: null,
  filtered: null,
  emitted: null,
  written: null,
  dirty: null,
  nulled: null,
  deleted: null,
  removed: null,
  skipped: null,
};

const stages: readonly string[] = ['start', 'processing', 'end', 'error'];

/** Parses a message value; null when it is not a status (a foreign producer may write anything). */
export function parseStatus(text: string): StatusMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { connectorName, taskId, stage, description, syncline, ...rest } = value as Record<string, unknown>;
  if (typeof connectorName !== 'string' || typeof stage !== 'string' || !stages.includes(stage)) return null;
  if (typeof taskId !== 'string' && typeof taskId !== 'number') return null;
  return {
    ...rest,
    connectorName,
    taskId: String(taskId),
    stage,
    description: typeof description === 'string' ? description : '',
    ...(isDetail(syncline) ? { syncline: withReadError(syncline) } : {}),
  } as StatusMessage;
}

/** An error that can't be read (of another version) is told by the description alone. */
function withReadError({ error, ...rest }: StatusDetail): StatusDetail {
  const shape = readShape(error);
  return shape === null ? rest : { ...rest, error: shape };
}

/** A foreign producer may send anything under our field's name: then the message counts as one without it. */
function isDetail(value: unknown): value is StatusDetail {
  if (typeof value !== 'object' || value === null) return false;
  const { side, job, epoch, at, predicted, counts } = value as Record<string, unknown>;
  return (
    (side === 'source' || side === 'sink') &&
    typeof job === 'string' &&
    typeof epoch === 'number' &&
    typeof at === 'number' &&
    typeof predicted === 'object' &&
    predicted !== null &&
    typeof counts === 'object' &&
    counts !== null
  );
}
