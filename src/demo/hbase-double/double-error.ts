// An exception that the double answers with, by the Java class a real server would name.

export class DoubleError extends Error {
  readonly className: string;
  readonly doNotRetry: boolean;

  constructor(className: string, message: string, doNotRetry = false) {
    super(message);
    this.name = 'DoubleError';
    this.className = `org.apache.hadoop.hbase.${className}`;
    this.doNotRetry = doNotRetry;
  }
}

export function unsupported(what: string): DoubleError {
  return new DoubleError('DoNotRetryIOException', `the demo's double of HBase does not know ${what}`, true);
}
