// Whom a client of a Kerberos cluster believes that it talks to, and by what it proves who it is itself.
import { isIP } from 'node:net';
import { HBaseError } from '../exceptions.ts';
import type { ServiceName } from '../wire/connection-header.ts';
import { kerberosPackage } from './kerberos-package.ts';
import { systemGssapi } from './system-gssapi.ts';
import type { OpenGssContext, Protection, ServicePrincipal } from './gssapi.ts';

export interface KerberosOptions {
  /** `service/host` or `service/host@REALM`; `_HOST` stands for the name of the server that is talked to. */
  readonly regionServerPrincipal: string;
  readonly masterPrincipal: string;
  readonly protection: Protection;
  /** Default: by an npm package, see `openGssContext`. */
  readonly openContext?: OpenGssContext | undefined;
}

/** By the optional package that can do it: `kerberos` authenticates, `koffi` reaches what wraps data, too. */
export function openGssContext(options: KerberosOptions): OpenGssContext {
  const { protection, openContext } = options;
  return openContext ?? (protection === 'authentication' ? kerberosPackage() : systemGssapi(protection));
}

/** Whom a server must prove to be. @throws HBaseError for `_HOST` and a server without a name */
export function servicePrincipal(
  options: Pick<KerberosOptions, 'masterPrincipal' | 'regionServerPrincipal'>,
  serviceName: ServiceName,
  host: string,
): ServicePrincipal {
  const isMasters = serviceName === 'MasterService' || serviceName === 'ClientMetaService';
  const principal = isMasters ? options.masterPrincipal : options.regionServerPrincipal;
  const [service = '', instance = '', realm] = principal.split(/[/@]/);
  if (instance !== '_HOST') return { service, host: instance, realm };
  if (isIP(host) !== 0)
    throw new HBaseError({
      message: `talking to ${serviceName} of ${host}: ${principal} needs the server's name, and there is its address only; write names to hbase.masters`,
      recovery: 'fail',
    });
  return { service, host: host.toLowerCase(), realm };
}
