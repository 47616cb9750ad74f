// The services a private stack can hold, and where each one is to be reached once it is up.

export const serviceNames = ['kafka', 'hbase', 'mariadb', 'redis', 'postgresql', 'connect'] as const;
export type ServiceName = (typeof serviceNames)[number];

interface KafkaEndpoint {
  /** `host:port`, the only broker */
  readonly brokers: string;
}

export interface HbaseEndpoint {
  /** ZooKeeper host */
  readonly quorum: string;
  readonly clientPort: number;
  /** folder of hbase-site.xml and folder of the jars: what a Java client of this cluster needs */
  readonly confDir: string;
  readonly libDir: string;
}

export interface MariadbEndpoint {
  readonly host: string;
  readonly port: number;
  /** may do everything in databases whose name begins with `syncline`, and create them */
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly rootUser: string;
  readonly rootPassword: string;
}

interface RedisEndpoint {
  readonly url: string;
}

export interface PostgresqlEndpoint {
  /** user, password and database are inside; the user is a superuser */
  readonly url: string;
}

export interface ConnectEndpoint {
  readonly url: string;
  /** folder that a relative path of the FileStream connectors resolves against */
  readonly workDir: string;
}

export interface ServiceEndpoints {
  readonly kafka: KafkaEndpoint;
  readonly hbase: HbaseEndpoint;
  readonly mariadb: MariadbEndpoint;
  readonly redis: RedisEndpoint;
  readonly postgresql: PostgresqlEndpoint;
  readonly connect: ConnectEndpoint;
}

/** What surely is there, and what may be there beside it. */
export type StackEndpoints<Name extends ServiceName = never> = Partial<ServiceEndpoints> &
  Pick<ServiceEndpoints, Name>;

export function isServiceName(text: string): text is ServiceName {
  return (serviceNames as readonly string[]).includes(text);
}
