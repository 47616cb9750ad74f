// The memory log as a worker thread sees it, through the port that MemoryLogServer.connect() gave.
import type { MessagePort } from 'node:worker_threads';
import { abortReason } from '../../core/clock.ts';
import { SyncError } from '../../core/errors.ts';
import type { LogProducer, LogReader, RecordLog } from '../../core/ports.ts';
import type { PortAct, PortActs, PortAnswer } from './port-messages.ts';
import { unpackError } from './port-messages.ts';
import { shareBytes } from './share-bytes.ts';

type Ask = <Act extends PortAct>(act: Act, ask: PortActs[Act]['ask']) => Promise<PortActs[Act]['get']>;

export function openMemoryLogClient(port: MessagePort): RecordLog {
  const ask = createAsk(port);
  return {
    kind: 'memory',
    async createTopic(topic) {
      await ask('createTopic', topic);
    },
    readOffsets: (topic) => ask('readOffsets', { topic }),
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
    if ('error' in answer) waiting?.reject(unpackError(answer.error));
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
  return {
    async append(topic, partition, batch) {
      await ask('append', {
        handle,
        topic,
        partition,
        bytes: shareBytes(batch.bytes),
        records: batch.records,
      });
    },
    async close() {
      await ask('close', { handle });
    },
  };
}

function createReader(ask: Ask, handle: number, signal: AbortSignal): LogReader {
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort);
    await ask('close', { handle });
  };
  // The far end rejects the poll that waits there.
  const onAbort = (): void => void close().catch(() => undefined);
  signal.addEventListener('abort', onAbort);
  return {
    async poll(maxWaitMs) {
      if (signal.aborted) throw abortReason(signal);
      try {
        const found = await ask('poll', { handle, maxWaitMs });
        return found.map((batch) => ({ ...batch, bytes: Buffer.from(batch.bytes) }));
      } catch (error) {
        throw isAborted(signal) ? abortReason(signal) : error;
      }
    },
    setPaused(partitions) {
      void ask('setPaused', { handle, partitions }).catch(() => undefined);
    },
    close,
  };
}

/** Asked anew: it may have changed while something was awaited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
