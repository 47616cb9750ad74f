// One HTTP request over a connection that is kept for the next one. Node's own client: it costs a third of what fetch does, and a run
// makes a dozen of them.
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** null: none. */
  readonly body: string | null;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
}

/** No answer in time: what became of the request is not known. */
export class HttpTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`no answer in ${timeoutMs} ms`);
    this.name = 'HttpTimeout';
  }
}

const plain = new PlainAgent({ keepAlive: true });
const secure = new SecureAgent({ keepAlive: true });

/** Follows no redirects. Rejects when there is no whole answer in time. */
export function sendHttp({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length } };
    const onAnswer = (answer: IncomingMessage): void => void readAnswer(answer).then(resolve, reject);
    const sent = url.startsWith('https:')
      ? secureRequest(url, { ...options, agent: secure }, onAnswer)
      : plainRequest(url, { ...options, agent: plain }, onAnswer);
    const late = setTimeout(() => sent.destroy(new HttpTimeout(timeoutMs)), timeoutMs);
    sent.once('error', reject);
    sent.once('close', () => clearTimeout(late));
    sent.end(body ?? undefined);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const header = (name: string): string | null => {
    const value = answer.headers[name.toLowerCase()];
    return value === undefined ? null : String(value);
  };
  return { status: answer.statusCode ?? 0, header, text: Buffer.concat(chunks).toString('utf8') };
}
