// A long-lived Java client of a stack's HBase, spoken to over its standard streams: one JSON object a line.
//
//   request := {"id": n, "command": "…", …arguments}
//   answer  := {"id": n, "result": …} | {"id": n, "error": "…"}        the first, unasked, has id 0: ready
//
// The program itself is a single Java file that the caller names; it ends when its input ends.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SyncError } from '../../core/errors.ts';
import { requireTool } from '../find-tool.ts';
import type { HbaseEndpoint } from '../stack-endpoints.ts';
import { hbaseJvmFlags } from './hbase-jvm-flags.ts';
import { jvmFlags } from './jvm-flags.ts';

export interface HbaseAdmin {
  /** Throws STACK_FAILED with the program's own words, or when it has ended. Calls are served one after another. */
  call(command: string, args: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const defaultHeapMb = 256;
const keptLines = 20;

/** Returns when the program is connected to HBase. Throws STACK_FAILED with its last lines when it is not. */
export async function startHbaseAdmin(
  endpoint: Pick<HbaseEndpoint, 'confDir' | 'libDir'>,
  javaFile: string,
  heapMb = defaultHeapMb,
): Promise<HbaseAdmin> {
  const classPath = `${endpoint.confDir}:${endpoint.libDir}/*`;
  const args = [...jvmFlags(heapMb), ...hbaseJvmFlags, '-cp', classPath, javaFile];
  const child = spawn(requireTool('java'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = new Map<number, Waiting>();
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    tail.push(line);
    if (tail.length > keptLines) tail.shift();
  });
  createInterface({ input: child.stdout }).on('line', (line) => settle(waiting, JSON.parse(line) as Answer));
  let isEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code) => {
      isEnded = true;
      const error = failure(`the Java client ended with ${String(code)}:\n${tail.join('\n')}`);
      for (const { reject } of waiting.values()) reject(error);
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  const answerOf = (id: number) =>
    new Promise<unknown>((resolve, reject) => {
      if (isEnded) reject(failure('the Java client has ended'));
      else waiting.set(id, { resolve, reject });
    });
  await answerOf(0);
  let lastId = 0;
  return {
    async call(command, args) {
      const id = (lastId += 1);
      const answer = answerOf(id);
      child.stdin.write(`${JSON.stringify({ ...args, id, command })}\n`);
      return await answer;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

function settle(waiting: Map<number, Waiting>, answer: Answer): void {
  const { resolve, reject } = waiting.get(answer.id) ?? {};
  waiting.delete(answer.id);
  if (answer.error === undefined) resolve?.(answer.result);
  else reject?.(failure(answer.error));
}

function failure(message: string): SyncError {
  return new SyncError('STACK_FAILED', { message: `asking the Java client: ${message}`, retriable: false });
}
