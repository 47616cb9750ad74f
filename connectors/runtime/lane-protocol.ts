// Messages between the main thread and a lane (a worker thread that hosts tasks). Only control travels here, never rows.
//
//   main ─► lane:  start · stop · answer                lane ─► main:  status · ask · ended · failed · stopped
import type { ConnectorConfig } from '../../src/core/config-def.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { StatusMessage } from '../../src/core/status.ts';

export type ToLane =
  | { readonly type: 'start'; readonly id: number; readonly task: LaneTask }
  | { readonly type: 'stop'; readonly id: number }
  | {
      readonly type: 'answer';
      readonly ask: number;
      readonly value: string | null;
      readonly error: string | null;
    };

export interface LaneTask {
  readonly connector: string;
  readonly className: string;
  readonly config: ConnectorConfig;
  readonly generation: number;
}

export type FromLane =
  | { readonly type: 'status'; readonly status: StatusMessage }
  /** Reads (value null) or writes a note of the connector. */
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly ask: number;
      readonly key: string;
      readonly value: string | null;
    }
  /** The task did all it had to; it stays until stopped. */
  | { readonly type: 'ended'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly code: ErrorCode; readonly trace: string }
  | { readonly type: 'stopped'; readonly id: number };
