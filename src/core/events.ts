// Every event the system emits, typed; observe/ turns them into log lines and metrics. Logic never logs by itself.
import type { ErrorCode } from './errors.ts';
import type { RunReport } from './run-report.ts';
import type { RunReason, RunState, TerminalState } from './run.ts';
import type { RunCounts } from './status.ts';

export type SynclineEvent =
  | { readonly type: 'service.started'; readonly service: string; readonly detail: string }
  | { readonly type: 'service.stopped'; readonly service: string }
  /** It is asked to stop and has so many runs in hand. */
  | { readonly type: 'service.waiting'; readonly service: string; readonly runs: number }
  | { readonly type: 'service.failed'; readonly service: string; readonly error: unknown }
  | {
      readonly type: 'fires.claimed';
      readonly runs: number;
      readonly skipped: number;
      readonly latenessMs: number;
    }
  | {
      readonly type: 'run.state';
      /** Name of the job. */
      readonly job: string;
      readonly jobId: string;
      readonly runId: string;
      readonly from: RunState;
      readonly to: RunState;
    }
  | {
      readonly type: 'run.progress';
      readonly jobId: string;
      readonly runId: string;
      readonly counts: RunCounts;
    }
  | {
      readonly type: 'run.ended';
      /** null: the job can't be read. */
      readonly job: string | null;
      readonly jobId: string;
      readonly runId: string;
      readonly state: TerminalState;
      /** null: it succeeded. */
      readonly reason: RunReason | null;
      /** null: it came to none. */
      readonly report: RunReport | null;
      /** The attempt that follows; null: none. */
      readonly next: { readonly attempt: number; readonly inMs: number } | null;
    }
  | { readonly type: 'run.note'; readonly jobId: string; readonly runId: string; readonly message: string }
  | {
      readonly type: 'job.unreadable';
      readonly jobId: string;
      readonly name: string;
      readonly reason: string;
    }
  | { readonly type: 'token.refused'; readonly address: string; readonly tries: number }
  | { readonly type: 'request.failed'; readonly request: string; readonly error: unknown }
  | { readonly type: 'lease.lost'; readonly runId: string }
  | {
      readonly type: 'task.failed';
      readonly connector: string;
      readonly task: number;
      readonly code: ErrorCode;
      readonly trace: string;
    }
  | { readonly type: 'config.ignored'; readonly connector: string; readonly keys: readonly string[] }
  | { readonly type: 'config.repaired'; readonly connector: string; readonly repairs: readonly string[] }
  | {
      readonly type: 'webhook.failed';
      readonly jobId: string;
      readonly runId: string;
      readonly error: string;
    }
  | { readonly type: 'retention.swept'; readonly runs: number };

export type Emit = (event: SynclineEvent) => void;
