// The contract between the launcher and one service.
import type { HbaseVersion } from './services/hbase-coordinates.ts';
import type { ServiceEndpoints, ServiceName } from './stack-endpoints.ts';

export interface StackSettings {
  readonly kafkaHeapMb: number;
  readonly hbaseHeapMb: number;
  readonly hbaseVersion: HbaseVersion;
  readonly connectHeapMb: number;
  readonly mariadbBufferPoolMb: number;
  /** added to mariadbd's options */
  readonly mariadbOptions: readonly string[];
  /** added to hbase-site.xml, e.g. a short scanner lease */
  readonly hbaseSite: Readonly<Record<string, string>>;
  /** added to core-site.xml: what HBase's Hadoop classes read */
  readonly hbaseCoreSite: Readonly<Record<string, string>>;
  /** added to HBase's JVM flags */
  readonly hbaseJvm: readonly string[];
}

export const defaultSettings: StackSettings = {
  kafkaHeapMb: 384,
  hbaseHeapMb: 768,
  hbaseVersion: '2.6',
  connectHeapMb: 512,
  mariadbBufferPoolMb: 256,
  mariadbOptions: [],
  hbaseSite: {},
  hbaseCoreSite: {},
  hbaseJvm: [],
};

/** What a service runs, and how it is seen to be ready. */
interface ServiceProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly isReady: () => Promise<boolean>;
}

interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
}

export interface ServiceContext<Name extends ServiceName = ServiceName> {
  /** this service's own folder; empty unless something was kept */
  readonly folder: string;
  /** where it was before it stopped with its data kept, and is to be again */
  readonly kept: ServiceEndpoints[Name] | undefined;
  readonly logFile: string;
  /** folder of the pom's jars; empty without a pom */
  readonly jarDir: string;
  readonly settings: StackSettings;
  /** of the services in `needs`, which are up by then */
  readonly endpoints: Partial<ServiceEndpoints>;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  /** Runs a program of preparation to its end; throws with its last lines when it fails. */
  readonly run: (program: string, args: readonly string[], options?: RunOptions) => Promise<void>;
  /** Starts the service's process; returns when it answers, throws with its last log lines otherwise. */
  readonly launch: (process: ServiceProcess) => Promise<void>;
}

export interface StackService<Name extends ServiceName = ServiceName> {
  readonly name: Name;
  /** started before this one */
  readonly needs: readonly ServiceName[];
  /** programs of the machine */
  readonly tools: readonly string[];
  /** for a service that comes as jars */
  readonly pom?: (settings: StackSettings) => string;
  readonly stopSignal: NodeJS.Signals;
  /** after it the process is killed: the data is disposable */
  readonly stopLimitMs: number;
  /** a folder outside the service's own that its data may have gone to */
  readonly outsideFolder?: (folder: string) => string;
  readonly start: (context: ServiceContext<Name>) => Promise<ServiceEndpoints[Name]>;
}
