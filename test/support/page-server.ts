// A server of pages of JSON, as test/plugins/json-pages reads them, with rows that a test changes.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageRow {
  readonly id: number;
  readonly name: unknown;
  readonly price: unknown;
}

export interface PageServer {
  readonly url: string;
  readonly rows: ReadonlyMap<number, PageRow>;
  put(row: PageRow): void;
  /** Called before each page is answered; a rejection breaks the connection. */
  onPage: (() => Promise<void>) | null;
  /** Pages answered so far. */
  readonly pages: number;
  close(): Promise<void>;
}

/** `token`: asked for, where there is one. */
export async function startPageServer(token = ''): Promise<PageServer> {
  const rows = new Map<number, PageRow>();
  const changedAt = new Map<number, number>();
  let pages = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await served.onPage?.();
    pages += 1;
    if (token !== '' && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    const query = new URL(request.url ?? '/', 'http://pages').searchParams;
    const [after, since] = [Number(query.get('after') ?? 0), Date.parse(query.get('since') ?? '1970-01-01')];
    const limit = Number(query.get('limit'));
    const found = [...rows.keys()]
      .filter((id) => id > after && (changedAt.get(id) ?? 0) >= since)
      .sort((a, b) => a - b);
    const page = found.slice(0, limit).map((id) => rows.get(id));
    const body = { now: new Date().toISOString(), more: found.length > limit, rows: page };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const served: PageServer & { onPage: (() => Promise<void>) | null } = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`,
    rows,
    put: (row) => {
      rows.set(row.id, row);
      changedAt.set(row.id, Date.now());
    },
    onPage: null,
    get pages() {
      return pages;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return served;
}
