// Lets the n-th asynchronous call into what a task is given go wrong, whatever it is: a way to fail, or to be stopped, at each await.
import type { SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import type { RecordLog } from '../../src/core/ports/record-log.ts';

export interface Strike {
  /** Calls so far, `close` not among them. */
  readonly calls: string[];
  /** What was opened and is not closed. */
  readonly open: string[];
  sink(plugin: SinkPlugin): SinkPlugin;
  source(plugin: SourcePlugin): SourcePlugin;
  log(log: RecordLog): RecordLog;
}

/** `blow` is called at the n-th call, in its place; without throwing, the call is made all the same. n = 0: never. */
export function strikeAt(n: number, blow: () => void): Strike {
  const calls: string[] = [];
  const open: string[] = [];
  const hit = (name: string): void => {
    calls.push(name);
    if (calls.length === n) blow();
  };

  const wrap = <T extends object>(
    name: string,
    inner: T,
    wrapResult: (key: string, got: unknown) => unknown,
  ): T =>
    new Proxy(inner, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        const call = value.bind(target) as (...args: unknown[]) => unknown;
        if (key === 'close')
          return async () => {
            open.splice(open.indexOf(name), 1);
            await call();
          };
        if (!asynchronous.has(key)) return call;
        return async (...args: unknown[]) => {
          hit(`${name}.${key}`);
          return wrapResult(key, await call(...args.map((arg) => wrapWork(key, arg))));
        };
      },
    });

  /** The work of a transaction gets a transaction whose calls count too. */
  const wrapWork = (key: string, arg: unknown): unknown =>
    key === 'transaction' && typeof arg === 'function'
      ? (tx: object) => (arg as (tx: object) => unknown)(wrap('tx', tx, (_key, got) => got))
      : arg;

  const opened = (key: string, got: unknown): unknown => {
    if (!key.startsWith('open')) return got;
    open.push(key);
    return wrap(key, got as object, (_key, value) => value);
  };
  return {
    calls,
    open,
    sink: (plugin) => wrap('sink', plugin, opened),
    source: (plugin) => wrap('source', plugin, opened),
    log: (log) => wrap('log', log, opened),
  };
}

const asynchronous = new Set([
  ...['openLedger', 'openStore', 'openTask', 'openReader', 'openProducer'],
  ...[
    'begin',
    'readPartitions',
    'prepareTable',
    'transaction',
    'readOffsets',
    'createTopic',
    'poll',
    'append',
  ],
  ...[
    'lockJob',
    'readRun',
    'setPlan',
    'addPartition',
    'movePartition',
    'readSplits',
    'putSplit',
    'writeRows',
  ],
  ...['addEnded', 'completeRun', 'readBatchLimit', 'plan', 'readSplit'],
]);
