// Where the demo runs: what serves as source, log, queue and target. One place is real services, the other this process alone.
import type { ClusterPlace } from '../../connectors/hbase/client/client.ts';
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import type { ConnectorSpec } from '../core/job.ts';
import type { OrderRow } from './orders/compare-orders.ts';

export interface DemoPlace {
  /** Settings of Syncline besides its ports and folders. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hbase: ClusterPlace;
  /** The keys by which the source connector finds that HBase. */
  readonly source: ConnectorConfig;
  /** Into the table of that name. */
  readonly sink: (table: string) => ConnectorSpec;
  readonly readTarget: (table: string, signal: AbortSignal) => AsyncIterable<OrderRow>;
  /** Leaves no process behind. */
  close(): Promise<void>;
}

export interface PlaceRequest {
  /** The demo's own folder. */
  readonly dir: string;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}
