// One socket, many calls: answers in any order, failures of every kind, and nothing left waiting.
import { afterEach, describe, expect, it } from 'vitest';
import { RpcConnection } from '../../../../connectors/hbase/client/wire/connection.ts';
import type { RpcCall } from '../../../../connectors/hbase/client/wire/connection.ts';
import { Connections } from '../../../../connectors/hbase/client/wire/connections.ts';
import { FrameBuffers } from '../../../../connectors/hbase/client/wire/frame-buffers.ts';
import { encodeExceptionResponse, encodeResponse } from '../../../../connectors/hbase/client/wire/frame.ts';
import { startScriptedServer } from '../../../support/scripted-rpc-server.ts';
import type { Script, ScriptedServer } from '../../../support/scripted-rpc-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const call = (method: string, extra: Partial<RpcCall> = {}): RpcCall => ({
  method,
  param: Buffer.from([0x08, 1]),
  timeoutMs: 10_000,
  ...extra,
});

async function setup(script: Script): Promise<{ server: ScriptedServer; connection: RpcConnection }> {
  const server = await startScriptedServer(script);
  const connection = new RpcConnection({
    host: '127.0.0.1',
    port: server.port,
    service: 'ClientService',
    effectiveUser: 'tester',
    connectTimeoutMs: 5_000,
    buffers: new FrameBuffers(),
  });
  cleanups.push(
    () => connection.close(),
    () => server.close(),
  );
  return { server, connection };
}

const exception = (className: string) => ({
  className: `org.apache.hadoop.hbase.${className}`,
  stackTrace: `org.apache.hadoop.hbase.${className}: the text\n\tat x.y(z)`,
  doNotRetry: false,
  serverOverloaded: false,
});

describe('connection', () => {
  it('introduces itself with user, service and codec, then sends calls without waiting', async () => {
    const { server, connection } = await setup({
      onRequest: (request, socket) =>
        socket.write(encodeResponse(request.callId, Buffer.from(request.method))),
    });
    const cellBlock = Buffer.from('cells');
    const response = await connection.call(call('Mutate', { cellBlock, timeoutMs: 1234, priority: 200 }));
    expect(response.message().toString()).toBe('Mutate');
    expect(server.handshakes).toEqual([
      {
        effectiveUser: 'tester',
        serviceName: 'ClientService',
        cellBlockCodec: 'org.apache.hadoop.hbase.codec.KeyValueCodec',
      },
    ]);
    expect(server.requests).toMatchObject([
      { method: 'Mutate', timeoutMs: 1234, priority: 200, param: Buffer.from([0x08, 1]), cellBlock },
    ]);
  });

  it('gives each call its own answer, whatever their order', async () => {
    const waiting: (() => void)[] = [];
    const { connection } = await setup({
      onRequest: (request, socket) => {
        waiting.push(() => socket.write(encodeResponse(request.callId, Buffer.from(request.method))));
        if (waiting.length === 3) for (const answer of waiting.reverse()) answer();
      },
    });
    const answers = await Promise.all(['a', 'b', 'c'].map((method) => connection.call(call(method))));
    expect(answers.map((answer) => answer.message().toString())).toEqual(['a', 'b', 'c']);
  });

  it.each([1, 3, 7, 100_000])('puts frames together from pieces of %i bytes', async (piece) => {
    const block = Buffer.alloc(piece === 100_000 ? 1_000_000 : 500, 0x5a);
    const { connection } = await setup({
      onRequest: (request, socket) => {
        const frame = encodeResponse(request.callId, Buffer.from('m'), block);
        for (let at = 0; at < frame.length; at += piece) socket.write(frame.subarray(at, at + piece));
      },
    });
    for (let round = 0; round < 3; round++) {
      const response = await connection.call(call('Scan'));
      expect(response.buffer.subarray(response.blockStart, response.blockEnd).equals(block)).toBe(true);
      response.release();
    }
  });

  it("throws the server's exception with place and text", async () => {
    const { connection } = await setup({
      onRequest: (request, socket) =>
        socket.write(encodeExceptionResponse(request.callId, exception('NotServingRegionException'))),
    });
    await expect(connection.call(call('Get', { region: 't,,1.abc.' }))).rejects.toMatchObject({
      code: 'HBASE_FAILED',
      recovery: 'relocate',
      message: expect.stringMatching(
        /^calling Get on 127\.0\.0\.1:\d+, region t,,1\.abc\.: NotServingRegionException: the text$/,
      ) as string,
    });
  });

  it('fails one call by its timeout, keeps the socket when others are answered, and drops the late answer', async () => {
    let late = (): unknown => undefined;
    const { connection } = await setup({
      onRequest: (request, socket) => {
        const answer = (): unknown =>
          socket.write(encodeResponse(request.callId, Buffer.from(request.method)));
        if (request.method === 'slow') late = answer;
        else answer();
      },
    });
    const slow = connection.call(call('slow', { timeoutMs: 300 }));
    slow.catch(() => undefined);
    await connection.call(call('quick'));
    await expect(slow).rejects.toMatchObject({ recovery: 'backoff', code: 'HBASE_UNREACHABLE' });
    late();
    expect((await connection.call(call('after'))).message().toString()).toBe('after');
    expect(connection.closed).toBe(false);
  });

  it('gives the socket up when nothing at all came within a timeout', async () => {
    const { connection } = await setup({});
    const other = connection.call(call('other'));
    other.catch(() => undefined);
    await expect(connection.call(call('silent', { timeoutMs: 50 }))).rejects.toMatchObject({
      recovery: 'drop-server',
    });
    await expect(other).rejects.toMatchObject({ recovery: 'drop-server' });
    expect(connection.closed).toBe(true);
  });

  it('fails all waiting calls when the server closes the socket', async () => {
    const { connection } = await setup({
      onRequest: (request, socket) => {
        if (request.method === 'first') socket.write(encodeResponse(request.callId, Buffer.alloc(0)));
        else socket.end();
      },
    });
    await connection.call(call('first'));
    const calls = ['a', 'b'].map((method) => connection.call(call(method)));
    for (const failed of await Promise.allSettled(calls)) {
      expect(failed).toMatchObject({ status: 'rejected', reason: { recovery: 'drop-server' } });
    }
    await expect(connection.call(call('later'))).rejects.toThrow('the server closed the connection');
  });

  it('tells a refused handshake from a lost connection', async () => {
    const { connection } = await setup({ onHandshake: (_, socket) => socket.end() });
    await expect(connection.call(call('Get'))).rejects.toThrow(/during the handshake without a word.*user/);
    expect(connection.hungUpInHandshake).toBe(true);
  });

  it('fails for good on call id −1', async () => {
    const { connection } = await setup({
      onHandshake: (_, socket) =>
        socket.write(encodeExceptionResponse(0xffffffff, exception('ipc.WrongVersionException'))),
    });
    await expect(connection.call(call('Get'))).rejects.toMatchObject({
      recovery: 'fail',
      message: expect.stringContaining('WrongVersionException') as string,
    });
  });

  it('recognises another protocol where a length is due', async () => {
    const { connection } = await setup({
      onHandshake: (_header, socket) => {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32BE(0x48545450);
        socket.write(bytes);
      },
    });
    await expect(connection.call(call('Get'))).rejects.toThrow(/is this the port of HBase/);
  });

  it('forgets a call that is aborted, before and while it waits', async () => {
    const { connection } = await setup({});
    const abort = new AbortController();
    const waiting = connection.call(call('Get', { signal: abort.signal }));
    abort.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    await expect(connection.call(call('Get', { signal: abort.signal }))).rejects.toThrow('stop');
    expect(connection.closed).toBe(false);
  });

  it('says that nobody listens', async () => {
    const { server } = await setup({});
    await server.close();
    const options = {
      service: 'ClientService',
      effectiveUser: 'u',
      connectTimeoutMs: 5_000,
      buffers: new FrameBuffers(),
    } as const;
    const refused = new RpcConnection({ ...options, host: '127.0.0.1', port: server.port });
    await expect(refused.call(call('Get'))).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('connections', () => {
  function connectionsTo(server: ScriptedServer) {
    const connections = new Connections({ effectiveUser: 'u', connectTimeoutMs: 1000 });
    cleanups.push(() => connections.close());
    const address = { host: '127.0.0.1', port: server.port };
    return {
      connections,
      send: (method = 'Get') => connections.call(address, 'ClientService', call(method)),
      address,
    };
  }

  it('shares one socket per server and service, and makes a new one after a loss', async () => {
    const { server } = await setup({
      onRequest: (request, socket) => {
        if (request.method === 'die') socket.destroy();
        else socket.write(encodeResponse(request.callId, Buffer.alloc(0)));
      },
    });
    const { connections, send, address } = connectionsTo(server);
    await Promise.all([send(), send(), send()]);
    expect(server.handshakes.filter(({ effectiveUser }) => effectiveUser === 'u')).toHaveLength(1);
    await connections.call(address, 'AdminService', call('Get'));
    await expect(send('die')).rejects.toMatchObject({ recovery: 'drop-server' });
    await send();
    expect(
      server.handshakes.filter(({ effectiveUser }) => effectiveUser === 'u').map((one) => one.serviceName),
    ).toEqual(['ClientService', 'AdminService', 'ClientService']);
  });

  it('gives up on a server that keeps hanging up in the handshake', async () => {
    const { server } = await setup({ onHandshake: (_, socket) => socket.end() });
    const { send } = connectionsTo(server);
    const recoveries: unknown[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      await send().catch((error: unknown) => recoveries.push((error as { recovery: string }).recovery));
    }
    expect(recoveries).toEqual([...Array<string>(7).fill('drop-server'), 'fail']);
  });

  it('lets waiting calls end on a socket that is dropped', async () => {
    let answer = (): unknown => undefined;
    const { server } = await setup({
      onRequest: (request, socket) => {
        answer = () => socket.write(encodeResponse(request.callId, Buffer.from('late')));
      },
    });
    const { connections, send, address } = connectionsTo(server);
    const waiting = send();
    await expect.poll(() => server.requests.length).toBe(1);
    connections.drop(address);
    answer();
    expect((await waiting).message().toString()).toBe('late');
  });
});
