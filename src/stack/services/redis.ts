// Redis without persistence.
import { requireTool } from '../find-tool.ts';
import { findFreePort } from '../free-port.ts';
import type { ServiceContext, StackService } from '../stack-service.ts';
import { exchangeTcp } from '../tcp-exchange.ts';

export const redis: StackService<'redis'> = {
  name: 'redis',
  needs: [],
  tools: ['redis-server'],
  stopSignal: 'SIGTERM',
  stopLimitMs: 3_000,
  start: startRedis,
};

async function startRedis(context: ServiceContext<'redis'>): Promise<{ url: string }> {
  const port = context.kept === undefined ? await findFreePort() : Number(new URL(context.kept.url).port);
  const options = {
    port,
    bind: '127.0.0.1',
    dir: context.folder,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
  };
  await context.launch({
    program: requireTool('redis-server'),
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    isReady: () => answersPing(port),
  });
  return { url: `redis://127.0.0.1:${port}` };
}

async function answersPing(port: number): Promise<boolean> {
  const isAnswer = (bytes: Buffer) => bytes.includes('\r\n');
  const answer = await exchangeTcp({ port, send: Buffer.from('PING\r\n'), isAnswer });
  return answer?.toString() === '+PONG\r\n';
}
