// The control database over TLS: trusted is whom the URL names, and what does not verify is refused in words.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { openStore } from '../../src/store/open-store.ts';
import { makeCertificate, type CertificateFiles } from '../support/openssl-certificate.ts';

const secretKey = Buffer.alloc(32, 3);
const { cacheDir, stacksDir } = findStackPlace(process.env);
const open = async (url: string): Promise<string> => {
  const store = await openStore({ url, secretKey, clock: systemClock });
  await store.close();
  return 'opened';
};
const untrusted = {
  code: 'DATABASE_UNREACHABLE',
  message: expect.stringMatching(/certificate does not verify; ssl-ca=<file>/) as string,
};

describe('the control database over TLS', () => {
  let keys: string;
  let other: CertificateFiles;
  let own: CertificateFiles;

  beforeAll(async () => {
    keys = mkdtempSync(join(tmpdir(), 'syncline-store-tls-'));
    const [a, b] = [join(keys, 'a'), join(keys, 'b')];
    for (const folder of [a, b]) mkdirSync(folder);
    other = await makeCertificate(a, 'DNS:localhost');
    own = await makeCertificate(b, 'DNS:localhost');
  });
  afterAll(() => rmSync(keys, { recursive: true, force: true }));

  it.each([
    ['ssl=maybe', 'neither true nor false'],
    ['ssl-ca=/no/such/file', "can't be read"],
    ['ssl=false&ssl-ca=x', 'has no meaning'],
  ])('%s is refused in words', async (options, words) => {
    await expect(open(`postgresql://u:p@localhost:1/db?${options}`)).rejects.toThrow(words);
  });

  describe.skipIf(inject('stack') === null)('on MariaDB', () => {
    let dir: string;
    let server: MariadbEndpoint;
    beforeAll(async () => {
      mkdirSync(stacksDir, { recursive: true });
      dir = mkdtempSync(join(stacksDir, 'store-tls-'));
      const mariadbOptions = [`--ssl-cert=${own.certificateFile}`, `--ssl-key=${own.keyFile}`];
      const settings = { mariadbBufferPoolMb: 64, mariadbOptions };
      server = (await startStack({ services: ['mariadb'], dir, cacheDir, settings })).endpoints.mariadb;
    });
    afterAll(async () => {
      await stopStack(dir);
      rmSync(dir, { recursive: true, force: true });
    });
    const url = (options: string): string =>
      `mysql://${server.user}:${encodeURIComponent(server.password)}@localhost:${server.port}/${server.database}?${options}`;

    it('opens with its CA, and is refused with another or none', async () => {
      expect(await open(url(`ssl-ca=${own.certificateFile}`))).toBe('opened');
      await expect(open(url('ssl=true'))).rejects.toMatchObject(untrusted);
      await expect(open(url(`ssl=true&ssl-ca=${other.certificateFile}`))).rejects.toMatchObject(untrusted);
    });
  });

  describe('on PostgreSQL', () => {
    let server: Server;
    /** Resolves with what a client said first inside of TLS. */
    let heard: Promise<string>;
    beforeAll(async () => {
      let hear: (text: string) => void = () => undefined;
      heard = new Promise((resolve) => (hear = resolve));
      // Agrees to TLS as PostgreSQL does, listens, and hangs up.
      server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.write('S');
          const tls = new TLSSocket(socket, {
            isServer: true,
            key: readFileSync(own.keyFile),
            cert: own.certificate,
          });
          tls.on('error', () => undefined);
          tls.once('data', (data: Buffer) => {
            hear(data.toString('latin1'));
            tls.destroy();
          });
        });
      });
      await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    });
    afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    const url = (options: string): string =>
      `postgresql://u:p@localhost:${(server.address() as AddressInfo).port}/db?${options}`;

    it('speaks with one that its CA signed, and with no other', async () => {
      await expect(open(url('ssl=true'))).rejects.toMatchObject(untrusted);
      await expect(open(url(`ssl-ca=${other.certificateFile}`))).rejects.toMatchObject(untrusted);
      await expect(open(url(`ssl-ca=${own.certificateFile}`))).rejects.toThrow(/^(?!.*does not verify)/);
      expect(await heard).toContain('user');
    });
  });
});
