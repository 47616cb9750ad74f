// A failed call of HBase's client, below all that may fail.
import type { ErrorCode } from '../../../src/core/errors.ts';

/**
 * relocate: the region is elsewhere, read hbase:meta again · reopen: the scanner is gone, open one after the last whole row ·
 * backoff: same server, later · wait: same server, after the time it named · drop-server: the server or its socket is gone,
 * relocate all its regions · fail: no retry can help
 */
export type Recovery = 'relocate' | 'reopen' | 'backoff' | 'wait' | 'drop-server' | 'fail';

/** Where a call went, for the message. */
export interface CallPlace {
  readonly method: string;
  /** host:port */
  readonly server: string;
  /** Printable region name. */
  readonly region?: string | undefined;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

interface HBaseErrorOptions {
  readonly message: string;
  readonly recovery: Recovery;
  readonly code?: HBaseError['code'];
  /** Default: all but `fail` are. */
  readonly retriable?: boolean;
  readonly className?: string;
  readonly place?: CallPlace;
  readonly cause?: unknown;
  readonly waitMs?: number | undefined;
  /** Where the region went, as a server says that had it. */
  readonly movedTo?: Address | undefined;
  /** The server asks for a longer pause than usual. */
  readonly overloaded?: boolean;
}

/**
 * The client's own codes: it does not know for whom it works, so its border gives them a side. FAILED: HBase answered, or no retry can
 * help. UNREACHABLE: no answer came.
 */
export type HBaseCode = 'HBASE_FAILED' | 'HBASE_LOGIN' | 'HBASE_UNREACHABLE';

/** A failed call. What met another failure on its way has the code of that. */
export class HBaseError extends Error {
  readonly code: HBaseCode | ErrorCode;
  readonly retriable: boolean;
  /** Server and region. */
  readonly place: string | undefined;
  readonly recovery: Recovery;
  /** Java class of the exception; undefined when no answer came. */
  readonly className: string | undefined;
  readonly waitMs: number | undefined;
  readonly movedTo: Address | undefined;
  readonly overloaded: boolean;

  constructor(options: HBaseErrorOptions) {
    const { message, recovery, className, place, cause } = options;
    const unanswered = className === undefined && recovery !== 'fail';
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HBaseError';
    this.code = options.code ?? (unanswered ? 'HBASE_UNREACHABLE' : 'HBASE_FAILED');
    this.retriable = options.retriable ?? recovery !== 'fail';
    this.place = place && describePlace(place);
    this.recovery = recovery;
    this.className = className;
    this.waitMs = options.waitMs;
    this.movedTo = options.movedTo;
    this.overloaded = options.overloaded ?? false;
  }
}

/** HBase answered, and the answer is none that the client knows. */
export function unreadable(message: string): HBaseError {
  return new HBaseError({ message, recovery: 'fail' });
}

export function describePlace({ server, region }: CallPlace): string {
  return region === undefined ? server : `${server}, region ${region}`;
}
