// What the services of the double work with, and the shape of their calls.
import type { ServerName } from '../../../connectors/hbase/client/messages/server-name.ts';
import type { DoubleScanners } from './double-scanners.ts';
import type { DoubleTables } from './double-table.ts';

export interface DoubleContext {
  /** The only server: master, region server and registry in one. */
  readonly server: ServerName;
  readonly tables: DoubleTables;
  readonly scanners: DoubleScanners;
  /** false: nobody is master, everything else goes on. */
  hasMaster: boolean;
}

export interface Reply {
  readonly message: Buffer;
  readonly cells?: Buffer;
}

/** By method name. May throw DoubleError. `param` and `cellBlock` are good during the call only. */
export type ServiceCalls = Readonly<Record<string, (param: Buffer, cellBlock: Buffer) => Reply>>;
