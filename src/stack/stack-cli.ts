// npm run stack -- up [service…] | status | down [--delete-data]
// Progress goes to stderr; stdout carries one JSON document.
import { parseArgs } from 'node:util';
import { SyncError, toSyncError } from '../core/errors.ts';
import { isServiceName, serviceNames, type ServiceName } from './stack-endpoints.ts';
import { findStackPlace } from './stack-place.ts';
import type { StackSettings } from './stack-service.ts';
import { readStack, startStack, stopStack } from './stack.ts';

const usage = `usage: npm run stack -- up [${serviceNames.join(' ')}]   (default: kafka hbase mariadb redis)
       npm run stack -- status | down [--delete-data]
options of up, in MiB: --kafka-heap --hbase-heap --connect-heap --mariadb-buffer-pool`;
const keptText = `Data, ports and passwords are kept for the next \`up\`; \`down --delete-data\` deletes them.
数据、端口和密码将保留到下次 up；down --delete-data 会将其删除。
`;
const deletedText = `The data of the stack is deleted; the next \`up\` has new ports and passwords.
私有环境的数据已删除；下次 up 将使用新的端口和密码。
`;
const defaultServices: readonly ServiceName[] = ['kafka', 'hbase', 'mariadb', 'redis'];
const settingOfOption = {
  'kafka-heap': 'kafkaHeapMb',
  'hbase-heap': 'hbaseHeapMb',
  'connect-heap': 'connectHeapMb',
  'mariadb-buffer-pool': 'mariadbBufferPoolMb',
} as const satisfies Record<string, keyof StackSettings>;

try {
  await runCli(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${toSyncError(error).message}\n`);
  process.exitCode = 1;
}

async function runCli(args: string[]): Promise<void> {
  const [command, ...rest] = args;
  const place = findStackPlace(process.env);
  if (args.some((arg) => arg === '--help' || arg === '-h')) process.stdout.write(`${usage}\n`);
  else if (command === 'up') await up(rest, place);
  else if (command === 'status' && rest.length === 0) print(readStack(place.dir));
  else if (command === 'down' && rest.every((option) => option === '--delete-data'))
    await down(place.dir, { keepData: rest.length === 0 });
  else throw badInput(usage);
}

async function down(dir: string, { keepData }: { keepData: boolean }): Promise<void> {
  const stopped = await stopStack(dir, { keepData });
  process.stderr.write(keepData ? keptText : deletedText);
  print({ dir, stopped, dataKept: keepData });
}

async function up(args: string[], place: { dir: string; cacheDir: string }): Promise<void> {
  const { services, settings } = parseUp(args);
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => abort.abort(new Error(`stopped by ${name}`)));
  const startedAt = performance.now();
  const onProgress = (line: string) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
  await startStack({ services, settings, ...place, onProgress, signal: abort.signal });
  print(readStack(place.dir));
}

function parseUp(args: string[]): { services: readonly ServiceName[]; settings: Partial<StackSettings> } {
  const options = Object.fromEntries(
    Object.keys(settingOfOption).map((name) => [name, { type: 'string' as const }]),
  );
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const unknown = positionals.filter((name) => !isServiceName(name));
  if (unknown.length > 0) throw badInput(`no such service: ${unknown.join(', ')}\n${usage}`);
  const settings: Record<string, number> = {};
  for (const [option, setting] of Object.entries(settingOfOption)) {
    const text = values[option];
    if (typeof text !== 'string') continue;
    if (!/^[1-9]\d{1,5}$/.test(text)) throw badInput(`--${option}: ${text} is not a number of MiB\n${usage}`);
    settings[setting] = Number(text);
  }
  const services = positionals.filter(isServiceName);
  return { services: services.length > 0 ? services : defaultServices, settings };
}

function badInput(message: string): SyncError {
  return new SyncError('BAD_INPUT', { message });
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
