// Messages between the main thread and a lane (a worker thread that hosts tasks). Only control travels here, never rows.
//
//   main ─► lane:  start · stop · answer · granted · source-failed      lane ─► main:  status · ask · take · give · ended · failed · stopped
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ErrorShape } from '../../core/errors.ts';
import type { SlotRequest } from '../../core/connector/shared-slots.ts';
import type { StatusMessage } from '../../core/status.ts';

export type ToLane =
  | { readonly type: 'start'; readonly id: number; readonly task: LaneTask }
  | { readonly type: 'stop'; readonly id: number }
  | {
      readonly type: 'answer';
      readonly ask: number;
      readonly value: string | null;
      readonly error: ErrorShape | null;
    }
  /** There is room for what `ask` asked for. */
  | { readonly type: 'granted'; readonly ask: number }
  /** Of the task's run by hand the source failed. */
  | { readonly type: 'source-failed'; readonly id: number; readonly error: ErrorShape };

export interface LaneTask {
  readonly connector: string;
  readonly className: string;
  readonly config: ConnectorConfig;
  readonly generation: number;
}

export type FromLane =
  | { readonly type: 'status'; readonly status: StatusMessage }
  /** Reads a note of the connector, writes it, adds a line to it, or empties it. */
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly ask: number;
      readonly act: 'read' | 'write' | 'append' | 'clear';
      readonly key: string;
      readonly value: string;
    }
  /** Asks for a slot, which is held or waited for until it is given back. */
  | { readonly type: 'take'; readonly id: number; readonly ask: number; readonly request: SlotRequest }
  | { readonly type: 'give'; readonly id: number; readonly ask: number }
  /** The task did all it had to; it stays until stopped. */
  | { readonly type: 'ended'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorShape; readonly trace: string }
  | { readonly type: 'stopped'; readonly id: number };
