// A certificate that its own key has signed, and the key, as PEM files: what a server is started with.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool } from '../../src/stack/find-tool.ts';

const run = promisify(execFile);

export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** PEM */
  readonly certificate: string;
}

/** `names` as OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`. Files that are there are written over. */
export async function makeCertificate(folder: string, names: string): Promise<CertificateFiles> {
  const certificateFile = join(folder, 'server.crt');
  const keyFile = join(folder, 'server.key');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', '/CN=syncline test', '-addext', `subjectAltName=${names}`, '-days', '30'];
  await run(requireTool('openssl'), ['req', '-x509', ...key, ...subject, '-out', certificateFile]);
  return { certificateFile, keyFile, certificate: readFileSync(certificateFile, 'utf8') };
}
