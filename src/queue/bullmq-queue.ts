// Wake-ups through Redis by BullMQ. A job there is nothing but a run's id; the truth is the run row, so whatever Redis loses
// (restart, FLUSHALL, eviction) comes back by rescue.
import { Queue, Worker, type QueueOptions, type WorkerOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { systemClock } from '../core/clock.ts';
import { SyncError } from '../core/errors.ts';
import type { RunQueue } from '../core/ports/queue.ts';
import { within } from '../core/waiting/within.ts';

export interface BullmqQueueOptions {
  /** redis://[user:password@]host:port[/db] or rediss://… */
  readonly url: string;
  /** Of all keys. */
  readonly prefix: string;
  /** Told of connections that break in the background, once a minute at most: they repair themselves. */
  readonly onTrouble?: (error: SyncError) => void;
}

const queueName = 'runs';
/** Priorities are at most 100. */
const lowestRank = 101;
const answerLimitMs = 5_000;
const closeLimitMs = 2_000;
const troubleEveryMs = 60_000;
/** An executor that dies between taking a wake-up and claiming the run: another one has it after the lock and one check. */
const lockMs = 10_000;
const stalledCheckMs = 5_000;

/** Called once per process. Throws QUEUE_UNREACHABLE naming host and port. */
export async function openBullmqQueue({ url, prefix, onTrouble }: BullmqQueueOptions): Promise<RunQueue> {
  const place = placeOf(url);
  // A wake-up that can't be sent at once fails: the scheduler goes on, rescue sends it again.
  const redis = connect(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: answerLimitMs,
  });
  try {
    await within(
      answerLimit,
      redis.connect().then(() => redis.ping()),
    );
  } catch (error) {
    redis.disconnect();
    throw unreachable(place, error);
  }
  const tell = createTeller(place, onTrouble);
  redis.on('error', tell);
  return createQueue({ url, prefix, place, redis, tell });
}

interface Parts extends BullmqQueueOptions {
  readonly place: string;
  readonly redis: Redis;
  readonly tell: (error: unknown) => void;
}

function createTeller(place: string, onTrouble: BullmqQueueOptions['onTrouble']): Parts['tell'] {
  let toldAt = -Infinity;
  return (error) => {
    if (performance.now() - toldAt < troubleEveryMs) return;
    toldAt = performance.now();
    onTrouble?.(unreachable(place, error));
  };
}

function createQueue(parts: Parts): RunQueue {
  const { place, redis, prefix, tell } = parts;
  const queue = new Queue(queueName, {
    ...quiet,
    connection: redis,
    prefix,
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', tell);
  const guard = async (work: Promise<unknown>): Promise<void> => {
    try {
      await within(answerLimit, work);
    } catch (error) {
      throw unreachable(place, error);
    }
  };
  let worker: ListeningWorker | null = null;
  return {
    wake: (runId, priority = 0) =>
      guard(
        queue.add(
          'wake',
          {},
          {
            jobId: runId,
            // From 1; the lowest number is first.
            priority: lowestRank - priority,
            removeOnComplete: true,
            removeOnFail: true,
          },
        ),
      ),
    listen: async (listener) => {
      if (worker !== null) throw new SyncError('INTERNAL', { message: 'the queue has a listener already' });
      worker = startWorker(parts, listener);
      await guard(worker.ready);
    },
    ping: () => guard(redis.ping()),
    close: async () => {
      await worker?.close();
      await closed(queue.close());
      redis.disconnect();
    },
  };
}

interface ListeningWorker {
  readonly ready: Promise<unknown>;
  close(): Promise<void>;
}

function startWorker(
  { url, prefix, tell }: Parts,
  { concurrency, onWake }: Parameters<RunQueue['listen']>[0],
): ListeningWorker {
  const redis = connect(url, { maxRetriesPerRequest: null });
  const worker = new Worker(queueName, async ({ id }) => onWake(id ?? ''), {
    ...quiet,
    connection: redis,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    // A wake-up may stall as often as executors die.
    maxStalledCount: 1_000_000,
    runRetryDelay: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', tell);
  return {
    ready: worker.waitUntilReady(),
    close: async () => {
      // Forced: going runs are the executor's to drain, not the queue's.
      await closed(worker.close(true));
      redis.disconnect();
    },
  };
}

/** BullMQ asks the server's version and then writes advice to the console. */
const quiet: Pick<QueueOptions & WorkerOptions, 'skipVersionCheck'> = { skipVersionCheck: true };

function connect(url: string, options: RedisOptions): Redis {
  const redis = new Redis(url, {
    ...options,
    lazyConnect: true,
    connectTimeout: answerLimitMs,
    retryStrategy: () => 500,
  });
  redis.on('error', ignore);
  return redis;
}

/** Connections repair themselves, and every call that fails meanwhile says so to its caller. */
function ignore(): void {
  // Without a listener Node would end the process.
}

/** Real time: Redis is asked, whatever the clock of the parts around. */
const answerLimit = {
  clock: systemClock,
  ms: answerLimitMs,
  onLimit: (): never => {
    throw new Error(`no answer in ${answerLimitMs / 1000} s`);
  },
};

/** Resolves when the connections are closed, however, or the time is up. */
function closed(closing: Promise<unknown>): Promise<unknown> {
  const limit = { clock: systemClock, ms: closeLimitMs, onLimit: () => undefined };
  return within<unknown>(limit, closing.catch(ignore));
}

/** `host:port`; user and password never stand in a message. */
function placeOf(url: string): string {
  if (!URL.canParse(url))
    throw new SyncError('QUEUE_UNREACHABLE', {
      message: 'opening the queue: the Redis URL is not a URL',
      field: 'redis',
    });
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? '6379' : port}`;
}

function unreachable(place: string, error: unknown): SyncError {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return new SyncError('QUEUE_UNREACHABLE', {
    message: `using the queue: Redis at ${place}: ${text}`,
    cause: error,
  });
}
