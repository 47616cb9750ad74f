// What to do about each exception of HBase. The class decides before the do_not_retry flag does: exceptions that end a scanner
// carry do_not_retry, and a new scanner is the cure.
import { toSyncError } from '../../../src/core/errors.ts';
import { describePlace, HBaseError, type CallPlace, type Recovery } from './hbase-error.ts';
import type { ServerAddress } from './messages/server-name.ts';
import type { RemoteException } from './wire/frame.ts';

export { HBaseError, type CallPlace, type Recovery } from './hbase-error.ts';

/** By simple class name: packages differ between versions. */
const recoveries: Readonly<Record<string, Recovery>> = {
  NotServingRegionException: 'relocate',
  RegionMovedException: 'relocate',
  RegionOpeningException: 'relocate',
  WrongRegionException: 'relocate',
  FailedSanityCheckException: 'fail',
  RegionTooBusyException: 'backoff',
  CallQueueTooBigException: 'backoff',
  CallDroppedException: 'backoff',
  PleaseHoldException: 'backoff',
  RetryImmediatelyException: 'backoff',
  MultiActionResultTooLarge: 'backoff',
  RpcThrottlingException: 'wait',
  RegionServerStoppedException: 'drop-server',
  RegionServerAbortedException: 'drop-server',
  ServerNotRunningYetException: 'drop-server',
  MasterNotRunningException: 'drop-server',
  MasterStoppedException: 'drop-server',
  UnknownScannerException: 'reopen',
  ScannerResetException: 'reopen',
  OutOfOrderScannerNextException: 'reopen',
  LeaseException: 'reopen',
  UnknownProtocolException: 'fail',
  DoNotRetryIOException: 'fail',
  InvalidProtocolBufferException: 'fail',
};

/** The recovery for an exception, from its class, its flag and, where the class says nothing, its text. */
export function recoveryFor(
  exception: Pick<RemoteException, 'className' | 'stackTrace' | 'doNotRetry'>,
): Recovery {
  const known = recoveries[simpleName(exception.className)];
  if (known !== undefined) return known;
  if (exception.doNotRetry) return 'fail';
  return exception.stackTrace.includes('Cannot append; log is closed') ? 'relocate' : 'backoff';
}

export function simpleName(className: string): string {
  const start = Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1;
  return className.slice(start, start + maxNameLength);
}

/** The exception's own words, the stack trace up to its first frame, as many as somebody reads. */
export function exceptionText(stackTrace: string, className: string): string {
  const lines = stackTrace.slice(0, maxTextLength).split('\n');
  const frame = lines.findIndex((line, index) => index > 0 && line.trimStart().startsWith('at '));
  const text = lines
    .slice(0, frame === -1 ? undefined : frame)
    .join('\n')
    .trim();
  const prefix = `${className}:`;
  return text.startsWith(prefix) ? text.slice(prefix.length).trim() : text;
}

/** Servers cut none, and whoever calls itself one may send megabytes. */
const maxTextLength = 2_000;
const maxNameLength = 200;

const unitMs: Readonly<Record<string, number>> = { hrs: 3_600_000, mins: 60_000, sec: 1000, ms: 1 };

/** `… - wait 1sec, 500ms` → 1500 */
export function throttleWaitMs(text: string): number | undefined {
  const wait = /wait (?<times>\d+\s*(?:hrs|mins|sec|ms)\b(?:,? *\d+\s*(?:hrs|mins|sec|ms)\b)*)/.exec(text)
    ?.groups?.['times'];
  if (wait === undefined) return undefined;
  let total = 0;
  for (const [, amount = '0', unit = 'ms'] of wait.matchAll(/(\d+)\s*(hrs|mins|sec|ms)/g)) {
    total += Number(amount) * (unitMs[unit] ?? 1);
  }
  return total;
}

/** `… hostname=rs2.example port=16020 startCode=… …`; undefined where the exception names no server. */
export function movedTo(text: string): ServerAddress | undefined {
  const match = /\bhostname=(\S{1,253}) port=(\d{1,5})\b/.exec(text);
  return match?.[1] === undefined ? undefined : { host: match[1], port: Number(match[2]) };
}

/** An exception that a server answered with, as an error. */
export function remoteError(place: CallPlace, exception: RemoteException): HBaseError {
  const { className, stackTrace } = exception;
  const text = exceptionText(stackTrace, className);
  return new HBaseError({
    message: `calling ${place.method} on ${describePlace(place)}: ${simpleName(className)}: ${text}`,
    recovery: recoveryFor(exception),
    className,
    place,
    waitMs: throttleWaitMs(text),
    movedTo: simpleName(className) === 'RegionMovedException' ? movedTo(text) : undefined,
    overloaded: exception.serverOverloaded,
  });
}

/** Anything thrown, as an HBaseError; what is no failure of a call is not repeated here, and keeps its own code and word on another attempt. */
export function asHBaseError(error: unknown): HBaseError {
  if (error instanceof HBaseError) return error;
  const { message, code, retriable } = toSyncError(error);
  return new HBaseError({ message, code, retriable, recovery: 'fail', cause: error });
}
