// One distributed worker of the real Kafka Connect, with the FileStream connectors.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../find-tool.ts';
import { findFreePort } from '../free-port.ts';
import { makePom } from '../maven-pom.ts';
import type { ServiceContext, StackService } from '../stack-service.ts';
import type { ConnectEndpoint } from '../stack-endpoints.ts';
import { kafkaVersion } from './kafka.ts';
import { jvmFlags } from './jvm-flags.ts';
import { writeLog4jConfig } from './log4j-config.ts';

const pluginJar = /^connect-file-/;
const pom = makePom(
  [
    `org.apache.kafka:{connect-runtime,connect-json,connect-transforms,connect-file}:${kafkaVersion}`,
    'org.apache.logging.log4j:{log4j-slf4j-impl,log4j-core}:2.25.4',
  ],
  { transitive: true },
);

export const kafkaConnect: StackService<'connect'> = {
  name: 'connect',
  needs: ['kafka'],
  tools: ['java'],
  pom: () => pom,
  stopSignal: 'SIGTERM',
  stopLimitMs: 8_000,
  start: startConnect,
};

async function startConnect(context: ServiceContext<'connect'>): Promise<ConnectEndpoint> {
  const port = context.kept === undefined ? await findFreePort() : Number(new URL(context.kept.url).port);
  const lib = linkJars(context.jarDir, join(context.folder, 'lib'), (name) => !pluginJar.test(name));
  linkJars(context.jarDir, join(context.folder, 'plugins', 'connect-file'), (name) => pluginJar.test(name));
  const workDir = join(context.folder, 'work');
  mkdirSync(workDir, { recursive: true });
  const properties = join(context.folder, 'worker.properties');
  const logging = join(context.folder, 'log4j2.properties');
  writeFileSync(properties, workerProperties(context, port));
  writeLog4jConfig(logging, { rootLevel: 'WARN' });
  await context.launch({
    program: requireTool('java'),
    args: [
      ...jvmFlags(context.settings.connectHeapMb),
      `-Dlog4j2.configurationFile=${logging}`,
      '-cp',
      `${lib}/*`,
      'org.apache.kafka.connect.cli.ConnectDistributed',
      properties,
    ],
    cwd: workDir,
    isReady: () => isHealthy(port),
  });
  return { url: `http://127.0.0.1:${port}`, workDir };
}

// A plugin lies in a folder of its own, off the class path; the cache itself stays as Maven left it.
function linkJars(from: string, to: string, isWanted: (name: string) => boolean): string {
  mkdirSync(to, { recursive: true });
  const linked = new Set(readdirSync(to));
  for (const name of readdirSync(from).filter((each) => isWanted(each) && !linked.has(each)))
    symlinkSync(join(from, name), join(to, name));
  return to;
}

function workerProperties(context: ServiceContext<'connect'>, port: number): string {
  return `bootstrap.servers=${context.endpoints.kafka?.brokers ?? ''}
group.id=stack-connect
config.storage.topic=stack-connect-configs
offset.storage.topic=stack-connect-offsets
status.storage.topic=stack-connect-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=5
status.storage.partitions=2
offset.flush.interval.ms=5000
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=false
value.converter.schemas.enable=false
listeners=http://127.0.0.1:${port}
rest.advertised.host.name=127.0.0.1
rest.advertised.port=${port}
plugin.path=${join(context.folder, 'plugins')}
plugin.discovery=service_load
`;
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
    return answer.status === 200;
  } catch {
    return false;
  }
}
