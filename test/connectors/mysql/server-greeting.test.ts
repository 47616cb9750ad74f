import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { awaitTlsOffer, offersTls } from '../../../connectors/mysql/session/server-greeting.ts';

function greeting(capabilities: number): Buffer {
  const version = Buffer.from('\n10.11.19-MariaDB\0', 'latin1');
  const lower = Buffer.from([capabilities & 0xff, capabilities >> 8]);
  const body = Buffer.concat([version, Buffer.alloc(13, 1), lower, Buffer.alloc(30, 2)]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function greetedBy(act: (server: Socket) => void): Promise<Socket> {
  const server = createServer(act);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  closers.push(
    () => void server.close(),
    () => void socket.destroy(),
  );
  return socket;
}

describe('the greeting of a server', () => {
  it('offers TLS by one bit of its capabilities', () => {
    expect(offersTls(greeting(0xffff))).toBe(true);
    expect(offersTls(greeting(0x0800))).toBe(true);
    expect(offersTls(greeting(0xf7ff))).toBe(false);
    expect(offersTls(Buffer.from('\x10\0\0\0\xff\x10\x04Too many conne', 'latin1'))).toBe(false);
    expect(offersTls(Buffer.from('\x05\0\0\0\n10\0x', 'latin1'))).toBe(false);
  });

  it('is waited for until the bit is there', () => {
    const whole = greeting(0x0800);
    for (let length = 0; length < 36; length += 1)
      expect(offersTls(whole.subarray(0, length)), `${length} bytes`).toBeNull();
    expect(offersTls(whole.subarray(0, 37))).toBe(true);
  });

  it('is read in any pieces, and left to be read', async () => {
    const whole = greeting(0x0800);
    const socket = await greetedBy((server) => {
      server.setNoDelay(true);
      server.write(whole.subarray(0, 9));
      setImmediate(() => server.write(whole.subarray(9)));
    });
    expect(await awaitTlsOffer(socket, 10_000)).toBe(true);
    let read = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => (read = Buffer.concat([read, chunk])));
    while (read.length < whole.length) await once(socket, 'data');
    expect(read).toEqual(whole);
  });

  it('that does not come says why', async () => {
    const closed = await greetedBy((server) => server.end());
    await expect(awaitTlsOffer(closed, 10_000)).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    const silent = await greetedBy(() => undefined);
    await expect(awaitTlsOffer(silent, 20)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});
