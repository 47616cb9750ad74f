// Kerberos on one connection, replayed from a real HBase 2.6.4: see recorded-kerberos.ts.
import { afterEach, describe, expect, it } from 'vitest';
import { RpcConnection } from '../../../../connectors/hbase/client/wire/connection.ts';
import { FrameBuffers } from '../../../../connectors/hbase/client/wire/frame-buffers.ts';
import { encodeExceptionResponse, encodeResponse } from '../../../../connectors/hbase/client/wire/frame.ts';
import type { ServiceName } from '../../../../connectors/hbase/client/wire/connection-header.ts';
import type { GssContext, OpenGssContext } from '../../../../connectors/hbase/client/sasl/gssapi.ts';
import { loadOptional } from '../../../../connectors/hbase/client/sasl/gss-failure.ts';
import { kerberosPackage } from '../../../../connectors/hbase/client/sasl/kerberos-package.ts';
import { servicePrincipal } from '../../../../connectors/hbase/client/sasl/kerberos-options.ts';
import {
  readKerberosRecords,
  recordedContext,
  startRecordedServer,
} from '../../../support/recorded-kerberos.ts';
import type { KerberosRecord, RecordedServer } from '../../../support/recorded-kerberos.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const records = readKerberosRecords();
const recorded = (name: string): KerberosRecord => {
  const record = records[name];
  if (record === undefined) throw new Error(`no record of ${name}`);
  return record;
};
const reply = (data: Buffer) => ({ from: 'server', data: data.toString('base64') }) as const;

interface Replay {
  readonly server: RecordedServer;
  readonly asked: readonly string[];
  readonly call: () => Promise<Buffer>;
}

async function replay(record: KerberosRecord, pieceBytes?: number): Promise<Replay> {
  const server = await startRecordedServer(record.wire, pieceBytes);
  const asked: string[] = [];
  const connection = new RpcConnection({
    host: 'localhost',
    port: server.port,
    service: 'ClientMetaService',
    effectiveUser: 'nobody',
    connectTimeoutMs: 5_000,
    buffers: new FrameBuffers(),
    kerberos: {
      regionServerPrincipal: 'region/_HOST@R',
      masterPrincipal: 'hbase/_HOST@R',
      protection: record.protection,
      openContext: ({ service, host, realm }) => {
        asked.push(`${service}/${host}@${realm ?? ''}`);
        return Promise.resolve(recordedContext(record));
      },
    },
  });
  cleanups.push(
    () => connection.close(),
    () => server.close(),
  );
  const request = { method: 'GetClusterId', param: new Uint8Array(0), timeoutMs: 5_000 };
  return { server, asked, call: async () => (await connection.call(request)).message() };
}

describe('a connection with Kerberos', () => {
  it.each(['authentication', 'integrity', 'privacy'])(
    'says to the byte what it said to a real server, with %s',
    async (name) => {
      const record = recorded(name);
      const { server, asked, call } = await replay(record);
      expect((await call()).toString('base64')).toBe(record.message);
      expect(server.received().toString('hex')).toBe(server.expected.toString('hex'));
      expect(asked).toEqual(['hbase/localhost@R']);
    },
  );

  it.each(['authentication', 'privacy'])('puts tokens together from single bytes, with %s', async (name) => {
    const { call } = await replay(recorded(name), 1);
    expect((await call()).toString('base64')).toBe(recorded(name).message);
  });

  it("fails for good with the server's words when it refuses the ticket", async () => {
    const { call } = await replay(recorded('wrong keys'));
    await expect(call()).rejects.toMatchObject({
      recovery: 'fail',
      className: 'javax.security.sasl.SaslException',
      message: expect.stringMatching(/the server refuses: .*: GSS initiate failed$/) as string,
    });
  });

  it('reads a refusal of the last token, too, which nothing else answers', async () => {
    const { wire, ...rest } = recorded('authentication');
    const refusal = recorded('wrong keys').wire.at(-1);
    const { call } = await replay({ ...rest, wire: [...wire.slice(0, -1), ...(refusal ? [refusal] : [])] });
    await expect(call()).rejects.toThrow(/GSS initiate failed/);
  });

  it('takes no other protection than asked for', async () => {
    const { call } = await replay(recorded('not offered'));
    await expect(call()).rejects.toMatchObject({
      recovery: 'fail',
      message: expect.stringMatching(
        /offers privacy, not authentication; set hbase\.rpc\.protection/,
      ) as string,
    });
  });

  it('does not go on without Kerberos, though the server asks for it', async () => {
    const { wire, ...rest } = recorded('authentication');
    const switchToSimple = reply(Buffer.from('00000000ffffffa8', 'hex'));
    const { server, call } = await replay({ ...rest, wire: [...wire.slice(0, 1), switchToSimple] });
    await expect(call()).rejects.toMatchObject({
      recovery: 'fail',
      message: expect.stringMatching(/without Kerberos/) as string,
    });
    expect(server.received().toString('hex')).toBe(server.expected.toString('hex'));
  });

  it('understands a server that refuses the connection before any token', async () => {
    const { wire, ...rest } = recorded('privacy');
    const refusal = encodeExceptionResponse(0xffffffff, {
      className: 'org.apache.hadoop.hbase.security.AccessDeniedException',
      stackTrace: 'org.apache.hadoop.hbase.security.AccessDeniedException: not you',
      doNotRetry: false,
      serverOverloaded: false,
    });
    const { call } = await replay({ ...rest, wire: [...wire.slice(0, 1), reply(refusal)] });
    await expect(call()).rejects.toThrow(/AccessDeniedException: not you/);
  });

  it('takes no answer before the server has proved who it is', async () => {
    const { wire, ...rest } = recorded('authentication');
    const forged = encodeResponse(0, Buffer.from('a cluster id'));
    const { call } = await replay({ ...rest, wire: [...wire.slice(0, 1), reply(forged)] });
    await expect(call()).rejects.toThrow(/an answer before the handshake was over/);
  });

  it('takes no bytes from before the layer as the beginning of an answer inside it', async () => {
    const { wire, gss, ...rest } = recorded('integrity');
    const protectedBytes = Buffer.from(gss.at(-1)?.out ?? '', 'base64').length;
    const forged = encodeResponse(0, Buffer.from('forged'.padEnd(200)));
    const beginning = forged.subarray(0, forged.length - protectedBytes);
    const offer = Buffer.concat([Buffer.from(wire[3]?.data ?? '', 'base64'), beginning]);
    const { call } = await replay({
      ...rest,
      gss,
      wire: [...wire.slice(0, 3), reply(offer), ...wire.slice(4)],
    });
    await expect(call()).rejects.toThrow(/an answer before the handshake was over/);
  });

  it('ends when a token was changed on the way; a new connection may be whole', async () => {
    const { wire, ...rest } = recorded('privacy');
    const changed = Buffer.from(wire.at(-1)?.data ?? '', 'base64');
    changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
    const { call } = await replay({ ...rest, wire: [...wire.slice(0, -1), reply(changed)] });
    await expect(call()).rejects.toMatchObject({ recovery: 'drop-server' });
  });
});

describe('the principal of a server', () => {
  const principals = { regionServerPrincipal: 'rs/_HOST@R', masterPrincipal: 'master/fixed.example' };
  it.each([
    ['ClientService', 'RS1.Example', { service: 'rs', host: 'rs1.example', realm: 'R' }],
    ['AdminService', 'rs1', { service: 'rs', host: 'rs1', realm: 'R' }],
    ['MasterService', 'm1', { service: 'master', host: 'fixed.example', realm: undefined }],
    ['ClientMetaService', '10.0.0.1', { service: 'master', host: 'fixed.example', realm: undefined }],
  ] as const)('of %s on %s', (service: ServiceName, host, expected) => {
    expect(servicePrincipal(principals, service, host)).toEqual(expected);
  });

  it('needs the name of the server, not its address', () => {
    expect(() => servicePrincipal(principals, 'ClientService', '10.0.0.1')).toThrow(
      /rs\/_HOST@R needs the server's name/,
    );
  });
});

describe('the package kerberos', () => {
  const open = (client: object): Promise<GssContext> =>
    kerberosPackage(() => Promise.resolve({ default: { initializeClient: () => Promise.resolve(client) } }))({
      service: 'hbase',
      host: 'rs1',
      realm: 'R',
    });
  const failing = (text: string): ReturnType<OpenGssContext> =>
    open({ step: () => Promise.reject(new Error(text)) });

  it('is asked for by name and command where it is missing', async () => {
    await expect(loadOptional('no-such-package', '1.2.3', 'a.key=value')).rejects.toMatchObject({
      recovery: 'fail',
      message: expect.stringMatching(
        /^a\.key=value needs .*npm install --no-save no-such-package@1\.2\.3/,
      ) as string,
    });
  });

  // As MIT Kerberos words them.
  it.each([
    [
      'No Kerberos credentials available (default cache: /tmp/krb5cc_0)',
      'fail',
      /there is no ticket: run kinit/,
    ],
    [
      'Unspecified GSS failure.  Minor code may provide more information: Ticket expired',
      'fail',
      /renew the ticket/,
    ],
    ['Server hbase/rs1@R not found in Kerberos database', 'fail', /the realm has no such server/],
    [
      "No credentials were supplied, or the credentials were unavailable or inaccessible: Cannot contact any KDC for realm 'R'",
      'backoff',
      /for realm 'R'; is the KDC that krb5\.conf names up/,
    ],
  ])('tells what to do: %s', async (text, recovery, message) => {
    const context = await failing(text);
    await expect(context.step(new Uint8Array(0))).rejects.toMatchObject({
      recovery,
      message: expect.stringMatching(message) as string,
    });
  });

  it('gives tokens as bytes, and none as no bytes', async () => {
    const context = await open({
      contextComplete: true,
      step: (token: string) => Promise.resolve(token === '' ? 'AQID' : null),
    });
    expect(context.established).toBe(true);
    expect(await context.step(new Uint8Array(0))).toEqual(Buffer.from([1, 2, 3]));
    expect(await context.step(new Uint8Array([1]))).toEqual(Buffer.alloc(0));
  });
});
