// A foreign Connect worker over HTTP: takes connectors, keeps their configuration and state, and runs no task at all. Whoever
// holds it plays the connectors.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeConnectServer {
  readonly url: string;
  /** By connector name: `STOPPED` or `RUNNING`, and the configuration. */
  readonly connectors: ReadonlyMap<string, { state: string; config: Readonly<Record<string, string>> }>;
  close(): Promise<void>;
}

export async function startFakeConnectServer(): Promise<FakeConnectServer> {
  const connectors = new Map<string, { state: string; config: Record<string, string> }>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const body = text === '' ? null : (JSON.parse(text) as Body);
      const answer = handle(connectors, `${request.method ?? ''} ${request.url ?? ''}`, body);
      response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { error_code: 404, message: 'not found' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectors,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Body = Record<string, string> & { name: string; config: Record<string, string> };

/** null: not found. */
function handle(
  connectors: Map<string, { state: string; config: Record<string, string> }>,
  what: string,
  body: Body | null,
): unknown {
  if (what === 'GET /') return { version: '4.3.1', commit: 'foreign', kafka_cluster_id: 'foreign' };
  if (what.endsWith('/config/validate')) return { configs: [] };
  if (what === 'POST /connectors') {
    connectors.set(body?.name ?? '', { state: 'STOPPED', config: body?.config ?? {} });
    return {};
  }
  const [, method = '', name = '', act = ''] = /^(\w+) \/connectors\/([^/]+)\/?(\w*)$/.exec(what) ?? [];
  const connector = connectors.get(decodeURIComponent(name));
  if (connector === undefined) return null;
  if (method === 'GET' && act === 'config') return connector.config;
  if (method === 'GET' && act === 'status') return { connector: { state: connector.state }, tasks: [] };
  if (method === 'DELETE') connectors.delete(decodeURIComponent(name));
  if (act === 'config') connector.config = body ?? {};
  if (act === 'resume') connector.state = 'RUNNING';
  if (act === 'stop') connector.state = 'STOPPED';
  return {};
}
