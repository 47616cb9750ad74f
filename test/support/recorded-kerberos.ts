// What our client and a real HBase 2.6.4 with Kerberos said to each other, one connection and one call (GetClusterId) per record,
// and what Java's GSSAPI did for the client meanwhile. The realm was made for it and is gone: nothing in the tokens is a secret.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { GssContext, Protection } from '../../connectors/hbase/client/sasl/gssapi.ts';

export interface KerberosRecord {
  readonly protection: Protection;
  /** The answer's message, base64; absent where there was none. */
  readonly message?: string;
  /** In turns; base64. */
  readonly wire: readonly { readonly from: 'client' | 'server'; readonly data: string }[];
  readonly gss: readonly GssCall[];
}

interface GssCall {
  readonly call: 'step' | 'wrap' | 'unwrap';
  readonly in: string;
  readonly out: string;
  readonly encrypt?: boolean;
  readonly established?: boolean;
}

const golden = new URL('../golden/hbase-kerberos-2.6.4.json', import.meta.url);

export function readKerberosRecords(): Readonly<Record<string, KerberosRecord>> {
  return JSON.parse(readFileSync(golden, 'utf8')) as Record<string, KerberosRecord>;
}

/** Answers as then, and throws when it is asked for anything else. */
export function recordedContext(record: KerberosRecord): GssContext {
  const left = [...record.gss];
  let established = false;
  const answer = (call: GssCall['call'], bytes: Uint8Array, encrypt?: boolean): Promise<Buffer> => {
    const index = left.findIndex((one) => one.call === call);
    const [known] = index < 0 ? [] : left.splice(index, 1);
    if (known?.in !== Buffer.from(bytes).toString('base64') || known.encrypt !== encrypt)
      return Promise.reject(new Error(`${call} of something that was not recorded`));
    established = known.established ?? established;
    return Promise.resolve(Buffer.from(known.out, 'base64'));
  };
  return {
    get established() {
      return established;
    },
    step: (token) => answer('step', token),
    wrap: (bytes, encrypt) => answer('wrap', bytes, encrypt),
    unwrap: (token) => answer('unwrap', token),
  };
}

export interface RecordedServer {
  readonly port: number;
  /** All that came, and all that should have come. */
  readonly received: () => Buffer;
  readonly expected: Buffer;
  close(): Promise<void>;
}

/** Says what the server said, each time it has got as much as then; in pieces of `pieceBytes`. */
export async function startRecordedServer(
  wire: KerberosRecord['wire'],
  pieceBytes = 1_000_000,
): Promise<RecordedServer> {
  const turns = wire.map(({ from, data }) => ({ from, data: Buffer.from(data, 'base64') }));
  const sockets = new Set<Socket>();
  let received = Buffer.alloc(0);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => socket.destroy());
    let [turn, due] = [0, 0];
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let next = turns[turn]; next !== undefined; next = turns[++turn]) {
        if (next.from === 'server') writePieces(socket, next.data, pieceBytes);
        else if (received.length < due + next.data.length) return;
        else due += next.data.length;
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    expected: Buffer.concat(turns.filter(({ from }) => from === 'client').map(({ data }) => data)),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function writePieces(socket: Socket, bytes: Buffer, pieceBytes: number): void {
  for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes));
}
