// A certificate for localhost that its own key has signed, as a Java keystore and as PEM.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool } from '../../src/stack/find-tool.ts';

const run = promisify(execFile);

export interface SelfSigned {
  /** PKCS12 */
  readonly keystore: string;
  readonly password: string;
  /** PEM */
  readonly certificate: string;
}

export async function makeSelfSigned(folder: string): Promise<SelfSigned> {
  const keystore = join(folder, 'hbase.p12');
  const password = randomBytes(12).toString('hex');
  const store = ['-alias', 'hbase', '-keystore', keystore, '-storepass', password, '-storetype', 'PKCS12'];
  const names = ['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1'];
  await run(requireTool('keytool'), ['-genkeypair', ...store, ...names, '-keyalg', 'EC', '-validity', '30']);
  const { stdout } = await run(requireTool('keytool'), ['-exportcert', '-rfc', ...store]);
  return { keystore, password, certificate: stdout };
}
