// Whoever answers at an address that somebody typed: no bytes end the process, hold it up or fill its memory; errors are typed.
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { rowKeyAt, skipCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import { Connections } from '../../../../connectors/hbase/client/wire/connections.ts';
import { exceptionText, movedTo } from '../../../../connectors/hbase/client/exceptions.ts';
import { FrameBuffers } from '../../../../connectors/hbase/client/wire/frame-buffers.ts';
import { FrameReceiver } from '../../../../connectors/hbase/client/wire/frame-receiver.ts';
import { zookeeperRegistry } from '../../../../connectors/hbase/client/regions/registry.ts';
import { SaslReplies } from '../../../../connectors/hbase/client/sasl/sasl-replies.ts';
import { readZnode } from '../../../../connectors/hbase/client/regions/zookeeper.ts';
import { createRandom } from '../../../support/random.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server that does as it likes with whoever connects. */
async function startServer(
  onSocket: (socket: Socket) => void,
): Promise<{ host: string; port: number; server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, server };
}

function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, 4 * index);
  return bytes;
}

const framed = (body: Buffer): Buffer => Buffer.concat([int32(body.length), body]);
const connected = framed(Buffer.alloc(37));
const zxid = int32(0, 0);

describe('what calls itself ZooKeeper', () => {
  const random = createRandom(11);
  const noise = Buffer.from(Array.from({ length: 4_096 }, () => random(256)));
  const replies: readonly (readonly [string, Buffer])[] = [
    ['nothing but a length', Buffer.concat([connected, int32(4), Buffer.alloc(4)])],
    ['a reply of 12 bytes', Buffer.concat([connected, framed(int32(1, 0, 0))])],
    [
      'a reply without its data',
      Buffer.concat([connected, framed(Buffer.concat([int32(1), zxid, int32(0)]))]),
    ],
    [
      'data longer than the reply',
      Buffer.concat([connected, framed(Buffer.concat([int32(1), zxid, int32(0, 500), Buffer.alloc(9)]))]),
    ],
    [
      'data of a negative length',
      Buffer.concat([connected, framed(Buffer.concat([int32(1), zxid, int32(0, -1)]))]),
    ],
    [
      'the answer to another question',
      Buffer.concat([connected, framed(Buffer.concat([int32(7), zxid, int32(0, 0)]))]),
    ],
    ['a negative length', int32(-5)],
    ['the least length', int32(-0x80000000)],
    ['a length of zero, again and again', Buffer.alloc(64)],
    ['a length of two gigabytes', Buffer.concat([int32(0x7fffffff), noise])],
    ['more than ZooKeeper holds in a node', Buffer.concat([connected, int32(8 * 1024 * 1024), noise])],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n<html></html>')],
    ['a secure shell', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
    ['noise', noise],
  ];

  it.each(replies)('%s: an error that names the server', async (_name, bytes) => {
    const { host, port } = await startServer((socket) => socket.write(bytes));
    const read = readZnode({ servers: [{ host, port }], path: '/hbase/master', timeoutMs: 5_000 });
    await expect(read).rejects.toMatchObject({
      code: 'HBASE_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`127.0.0.1:${port} (?!did not answer)`)) as string,
    });
  });

  it('one byte at a time is over when the time is', async () => {
    const { host, port } = await startServer((socket) => {
      const drip = setInterval(() => socket.write(Buffer.alloc(1)), 5);
      socket.on('close', () => clearInterval(drip));
      socket.write(Buffer.concat([connected, int32(1024 * 1024)]));
    });
    const read = readZnode({ servers: [{ host, port }], path: '/hbase/master', timeoutMs: 60 });
    await expect(read).rejects.toThrow('did not answer within 60 ms');
  });

  it('a node that holds something else: an error that says so', async () => {
    for (const data of [
      Buffer.alloc(0),
      Buffer.from([0xff]),
      Buffer.from([0xff, 0, 0]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from('PBUF\x0a\xff'),
      noise,
    ]) {
      const reply = framed(Buffer.concat([int32(1), zxid, int32(0, data.length), data]));
      const { host, port } = await startServer((socket) => socket.write(Buffer.concat([connected, reply])));
      const found = zookeeperRegistry({ servers: [{ host, port }] }).master();
      await expect(found).rejects.toMatchObject({ code: expect.stringMatching(/^HBASE_/) as string });
    }
  });
});

describe('what calls itself a region server', () => {
  const connections = (): Connections => {
    const made = new Connections({ effectiveUser: 'tester', connectTimeoutMs: 5_000 });
    cleanups.push(() => made.close());
    return made;
  };
  const call = { method: 'Scan', param: Buffer.alloc(2), timeoutMs: 5_000 };

  it('an address that is none is refused before anything is dialled', async () => {
    for (const address of [
      { host: 'h', port: 70_000 },
      { host: 'h', port: 0 },
      { host: '', port: 16_020 },
    ])
      await expect(connections().call(address, 'ClientService', call)).rejects.toMatchObject({
        code: expect.stringMatching(/^HBASE_/) as string,
        message: expect.stringContaining('is no address') as string,
      });
  });

  it('noise and wrong lengths end the call with an error of ours', async () => {
    const random = createRandom(5);
    const bytes = Array.from({ length: 40 }, (_, round) => {
      const noise = Buffer.from(Array.from({ length: 1 + random(200) }, () => random(256)));
      return round % 2 === 0 ? framed(noise) : noise;
    });
    for (const answer of [int32(-1), int32(0), int32(0x7fffffff), ...bytes]) {
      const { host, port } = await startServer((socket) => socket.end(answer));
      const error = await connections()
        .call({ host, port }, 'ClientService', call)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'HBaseError', code: expect.stringMatching(/^HBASE_/) as string });
    }
  });

  it('a length is believed only as far as bytes have come', () => {
    const frames: number[] = [];
    const taken: number[] = [];
    class Watched extends FrameBuffers {
      override take(bytes: number): Buffer {
        taken.push(bytes);
        return super.take(bytes);
      }
    }
    const receiver = new FrameReceiver(new Watched(), ({ length }) => frames.push(length));
    const megabyte = 1024 * 1024;
    receiver.push(int32(1024 * megabyte), 4);
    expect(Math.max(...taken)).toBeLessThanOrEqual(16 * megabyte);
    const whole = new FrameReceiver(new Watched(), ({ buffer, length }) => {
      frames.push(length);
      for (let at = 0; at < length; at += 4_096)
        if (buffer[at] !== (at / 4_096) % 256) throw new Error(`byte ${at} was lost`);
    });
    const length = 40 * megabyte + 5;
    whole.push(int32(length), 4);
    const chunk = Buffer.alloc(4_096);
    for (let at = 0; at < length; at += 4_096)
      whole.push(chunk.fill((at / 4_096) % 256), Math.min(4_096, length - at));
    expect(frames).toEqual([length]);
  });

  it('cells that reach beyond their block are refused, not read', () => {
    const cell = Buffer.alloc(40);
    cell.writeInt32BE(36, 0);
    cell.writeUInt16BE(0xffff, 12);
    expect(skipCells(cell, 0, 1, 40)).toBe(40);
    expect(() => rowKeyAt(cell, 0)).toThrow('reading a cell block');
    for (const total of [-4, 0, 9, 0x7fffffff]) {
      cell.writeInt32BE(total, 0);
      expect(() => skipCells(cell, 0, 1, 40)).toThrow('reading a cell block');
    }
  });

  it('an exception of a megabyte is read in no time and told in short', () => {
    for (const part of [
      '\n',
      '\n \t',
      '\n a',
      'hostname=',
      'hostname=x port=y ',
      'wait 1',
      'wait 1 sec,   ',
    ]) {
      const text = part.repeat(Math.ceil(1_000_000 / part.length));
      expect(exceptionText(text, 'X').length).toBeLessThanOrEqual(2_000);
      expect(movedTo(text)).toBeUndefined();
    }
  });

  it('a negotiation that never ends is refused', () => {
    const replies = new SaslReplies();
    replies.add(Buffer.concat([int32(0, 1024 * 1024), Buffer.alloc(1024 * 1024 - 1)]));
    expect(replies.take()).toBeUndefined();
    for (const length of [-2, 0x7fffffff]) {
      const wrong = new SaslReplies();
      wrong.add(int32(0, length));
      expect(() => wrong.take()).toThrow('a token of');
    }
  });
});
