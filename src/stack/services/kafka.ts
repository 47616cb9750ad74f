// One Kafka broker, its own KRaft controller.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../find-tool.ts';
import { findFreePort } from '../free-port.ts';
import { makePom } from '../maven-pom.ts';
import type { ServiceContext, StackService } from '../stack-service.ts';
import { exchangeTcp, withLength } from '../tcp-exchange.ts';
import { jvmFlags } from './jvm-flags.ts';
import { writeLog4jConfig } from './log4j-config.ts';

export const kafkaVersion = '4.3.1';

const pom = makePom(
  [
    `org.apache.kafka:kafka_2.13:${kafkaVersion}`,
    'org.apache.logging.log4j:{log4j-slf4j-impl,log4j-core}:2.25.4',
  ],
  { transitive: true },
);

export const kafka: StackService<'kafka'> = {
  name: 'kafka',
  needs: [],
  tools: ['java'],
  pom: () => pom,
  stopSignal: 'SIGTERM',
  stopLimitMs: 8_000,
  start: startKafka,
};

async function startKafka(context: ServiceContext<'kafka'>): Promise<{ brokers: string }> {
  const { kept } = context;
  const port = kept === undefined ? await findFreePort() : Number(kept.brokers.split(':')[1]);
  const properties = join(context.folder, 'broker.properties');
  const logging = join(context.folder, 'log4j2.properties');
  writeLog4jConfig(logging, { rootLevel: 'WARN', loggers: { 'kafka.server.KafkaRaftServer': 'INFO' } });
  const java = requireTool('java');
  const classPath = [`-Dlog4j2.configurationFile=${logging}`, '-cp', `${context.jarDir}/*`];
  if (kept === undefined) {
    context.progress('formatting the data folder');
    mkdirSync(join(context.folder, 'data'));
    writeFileSync(properties, brokerProperties(context.folder, port, await findFreePort()));
    await context.run(java, [...jvmFlags(128), ...classPath, ...formatArgs(properties)]);
  }
  await context.launch({
    program: java,
    args: [...jvmFlags(context.settings.kafkaHeapMb), ...classPath, 'kafka.Kafka', properties],
    isReady: () => answersApiVersions(port),
  });
  return { brokers: `127.0.0.1:${port}` };
}

// A cluster id is a UUID in URL-safe base64. A leading dash would be taken for an option.
function formatArgs(properties: string): string[] {
  const clusterId = `S${randomBytes(16).toString('base64url').slice(1)}`;
  return ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
}

function brokerProperties(folder: string, port: number, controllerPort: number): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'data')}
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.hours=4
log.segment.bytes=268435456
num.network.threads=2
num.io.threads=4
`;
}

/** ApiVersions v0 has an empty body; the answer repeats the correlation id and carries error code 0. */
async function answersApiVersions(port: number): Promise<boolean> {
  const apiKey = 18;
  const correlationId = 7;
  const header = Buffer.alloc(10);
  header.writeInt16BE(apiKey, 0);
  header.writeInt32BE(correlationId, 4);
  header.writeInt16BE(-1, 8);
  const answer = await exchangeTcp({
    port,
    send: withLength(header),
    isAnswer: (bytes) => bytes.length >= 10,
  });
  return answer?.readInt32BE(4) === correlationId && answer.readInt16BE(8) === 0;
}
