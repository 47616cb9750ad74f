// The main thread's end of a port: does what the lane asks on a handle of the memory log.
import { OVER } from '../../core/waiting/over.ts';
import type { MessagePort } from 'node:worker_threads';
import { SyncError, toShape } from '../../core/errors.ts';
import type { LogProducer, LogReader, RecordLog } from '../../core/ports/record-log.ts';
import type { PortAct, PortActs, PortAnswer, PortRequest, SharedBatch } from './port-messages.ts';
import type { SharedBytes } from './shared-bytes.ts';

export interface MemoryProducer extends LogProducer {
  /** Like append, of bytes that nobody writes to any more. Resolves with memory for a later batch, if some is free. */
  appendShared(
    topic: string,
    partition: number,
    batch: { shared: SharedBytes; records: number },
  ): Promise<SharedArrayBuffer | null>;
}

export interface MemoryLogHandle extends RecordLog {
  openProducer(): Promise<MemoryProducer>;
}

/** Serves until the far end closes or its thread dies; then everything it opened is closed. */
export function serveMemoryLog(port: MessagePort, log: MemoryLogHandle): void {
  const acts = createActs(log);
  port.on('message', (request: PortRequest) => {
    void answer(acts, request).then((message) => port.postMessage(message));
  });
  port.on('close', () => void log.close());
  // An idle port must not keep the process alive.
  port.unref();
}

type Acts = { readonly [Act in PortAct]: (ask: PortActs[Act]['ask']) => Promise<PortActs[Act]['get']> };

async function answer(acts: Acts, request: PortRequest): Promise<PortAnswer> {
  const { id } = request;
  try {
    return { id, got: await perform(acts, request) };
  } catch (error) {
    return { id, error: toShape(error) };
  }
}

function perform<Act extends PortAct>(
  acts: Acts,
  request: { readonly act: Act; readonly ask: PortActs[Act]['ask'] },
): Promise<PortActs[Act]['get']> {
  return acts[request.act](request.ask);
}

function createActs(log: MemoryLogHandle): Acts {
  const producers = new Map<number, MemoryProducer>();
  const readers = new Map<number, LogReader>();
  const stops = new Map<number, AbortController>();
  let handles = 0;
  const keep = <T>(kept: Map<number, T>, one: T): number => {
    handles += 1;
    kept.set(handles, one);
    return handles;
  };
  return {
    createTopic: (topic) => log.createTopic(topic).then(() => null),
    readOffsets: ({ topic }) => log.readOffsets(topic),
    readBatchLimit: ({ topic }) => log.readBatchLimit(topic),
    openProducer: async () => keep(producers, await log.openProducer()),
    async openReader(ask) {
      const stop = new AbortController();
      const handle = keep(readers, await log.openReader({ ...ask, signal: stop.signal }));
      stops.set(handle, stop);
      return handle;
    },
    append: ({ handle, topic, partition, shared, records }) =>
      take(producers, handle).appendShared(topic, partition, { shared, records }),
    poll: async ({ handle, maxWaitMs }) => {
      const found = await take(readers, handle).poll(maxWaitMs);
      return found.map(({ partition, bytes, from, next }): SharedBatch => ({
        partition,
        shared: sharedUnder(bytes),
        from,
        next,
      }));
    },
    setPaused: ({ handle, partitions }) => {
      take(readers, handle).setPaused(partitions);
      return Promise.resolve(null);
    },
    stop: ({ handle }) => {
      stops.get(handle)?.abort(OVER);
      return Promise.resolve(null);
    },
    close: async ({ handle }) => {
      await (producers.get(handle) ?? readers.get(handle))?.close();
      producers.delete(handle);
      readers.delete(handle);
      stops.delete(handle);
      return null;
    },
  };
}

function take<T>(kept: ReadonlyMap<number, T>, handle: number): T {
  const found = kept.get(handle);
  if (found === undefined)
    throw new SyncError('CANCELLED', { message: 'using the memory log: it was closed before' });
  return found;
}

/** What the memory log hands out begins where its shared memory does. */
function sharedUnder(bytes: Buffer): SharedBytes {
  const { buffer, length } = bytes;
  if (buffer instanceof SharedArrayBuffer) return { memory: buffer, length };
  throw new SyncError('INTERNAL', { message: 'reading the memory log: a batch is not in shared memory' });
}
