// What the REST layer throws: a status and Connect's message. Only inside rest/.

export class HttpError extends Error {
  readonly status: number;
  /** Routing errors of the original come without a Content-Type. */
  readonly bare: boolean;

  constructor(status: number, message: string, bare = false) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.bare = bare;
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
};

/** The errors of routing and media types, which have no text of their own. */
export function plainError(status: number, bare = true): HttpError {
  return new HttpError(status, `HTTP ${status} ${reasons[status] ?? 'Error'}`, bare);
}

/** What the original answers when a body is missing: the text of the exception it runs into. */
export function nullPointer(method: string, variable: string): HttpError {
  return new HttpError(500, `Cannot invoke "${method}" because "${variable}" is null`);
}
