// The memory log as a worker thread sees it, through the port that MemoryLogServer.connect() gave.
import type { MessagePort } from 'node:worker_threads';
import { abortReason } from '../../core/clock.ts';
import { fromShape, SyncError } from '../../core/errors.ts';
import type { LogProducer, LogReader, RecordLog } from '../../core/ports/record-log.ts';
import type { PortAct, PortActs, PortAnswer } from './port-messages.ts';
import { createSharedMemory, viewOf } from './shared-bytes.ts';

/** Free pieces a producer holds: about as many as a caller has appends on the way. */
const FREE_PIECES = 8;

type Ask = <Act extends PortAct>(act: Act, ask: PortActs[Act]['ask']) => Promise<PortActs[Act]['get']>;

export function openMemoryLogClient(port: MessagePort): RecordLog {
  const ask = createAsk(port);
  return {
    kind: 'memory',
    async createTopic(topic) {
      await ask('createTopic', topic);
    },
    readOffsets: (topic) => ask('readOffsets', { topic }),
    readBatchLimit: (topic) => ask('readBatchLimit', { topic }),
    openProducer: async () => createProducer(ask, await ask('openProducer', null)),
    async openReader({ topic, from, signal }) {
      const handle = await ask('openReader', { topic, from });
      return createReader(ask, handle, signal);
    },
    ping: () => Promise.resolve(),
    close() {
      port.close();
      return Promise.resolve();
    },
  };
}

interface PendingAsk {
  readonly resolve: (got: never) => void;
  readonly reject: (error: SyncError) => void;
}

function createAsk(port: MessagePort): Ask {
  const pending = new Map<number, PendingAsk>();
  let asked = 0;
  let closed: SyncError | null = null;
  port.on('message', (answer: PortAnswer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) waiting?.reject(fromShape(answer.error));
    else waiting?.resolve(answer.got as never);
  });
  port.on('close', () => {
    closed = new SyncError('CANCELLED', { message: 'using the memory log: it was closed' });
    for (const { reject } of pending.values()) reject(closed);
    pending.clear();
  });
  return (act, ask) =>
    new Promise((resolve, reject) => {
      if (closed !== null) {
        reject(closed);
        return;
      }
      asked += 1;
      pending.set(asked, { resolve, reject });
      port.postMessage({ id: asked, act, ask });
    });
}

function createProducer(ask: Ask, handle: number): LogProducer {
  const memory = createSharedMemory(FREE_PIECES);
  return {
    async append(topic, partition, { bytes, records }) {
      const free = await ask('append', { handle, topic, partition, shared: memory.copy(bytes), records });
      if (free !== null) memory.give(free);
    },
    async close() {
      await ask('close', { handle });
    },
  };
}

function createReader(ask: Ask, handle: number, signal: AbortSignal): LogReader {
  const stop = (): void => void ask('stop', { handle }).catch(() => undefined);
  signal.addEventListener('abort', stop);
  return {
    async poll(maxWaitMs) {
      if (signal.aborted) throw abortReason(signal);
      try {
        const found = await ask('poll', { handle, maxWaitMs });
        return found.map(({ partition, shared, from, next }) => ({
          partition,
          bytes: viewOf(shared),
          from,
          next,
        }));
      } catch (error) {
        throw isAborted(signal) ? abortReason(signal) : error;
      }
    },
    setPaused(partitions) {
      // It can only fail when the port is closed, which the next poll says.
      void ask('setPaused', { handle, partitions }).catch(() => undefined);
    },
    async close() {
      signal.removeEventListener('abort', stop);
      await ask('close', { handle });
    },
  };
}

/** Asked anew: it may have changed while something was awaited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
