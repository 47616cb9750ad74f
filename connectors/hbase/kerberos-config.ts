// Keys of a cluster with hbase.security.authentication=kerberos, named as in its hbase-site.xml.
import type { ConfigDef } from '../../src/core/connector/config-def.ts';
import type { Read, Report } from './cluster-config.ts';
import { optional } from './config-keys.ts';
import { protections } from './rpc/sasl/gssapi.ts';
import type { KerberosOptions } from './rpc/sasl/kerberos-options.ts';

const KERBEROS_KEY = {
  authentication: 'hbase.security.authentication',
  regionServerPrincipal: 'hbase.regionserver.kerberos.principal',
  masterPrincipal: 'hbase.master.kerberos.principal',
  protection: 'hbase.rpc.protection',
} as const;

const security = 'HBase security';

export const kerberosKeys: ConfigDef = [
  {
    ...optional(
      KERBEROS_KEY.authentication,
      security,
      'simple (HBase believes hbase.user) or kerberos (by the ticket or keytab in the environment of Syncline; needs an npm package, see README).',
      'simple',
    ),
    oneOf: ['simple', 'kerberos'],
  },
  optional(
    KERBEROS_KEY.regionServerPrincipal,
    security,
    'With kerberos: who region servers must prove to be, like hbase/_HOST@REALM; _HOST stands for the name of each server.',
    null,
  ),
  optional(
    KERBEROS_KEY.masterPrincipal,
    security,
    `The same of masters, and of the servers in hbase.masters; blank: as ${KERBEROS_KEY.regionServerPrincipal}.`,
    null,
  ),
  {
    ...optional(
      KERBEROS_KEY.protection,
      security,
      'With kerberos: what guards the bytes on the wire. The server must offer it; neither less nor more is accepted.',
      'authentication',
    ),
    oneOf: protections,
  },
];

/** undefined: simple authentication, or it was reported what is wrong. */
export function readKerberos(value: Read, report: Report): KerberosOptions | undefined {
  const authentication = value(KERBEROS_KEY.authentication);
  if (authentication !== 'kerberos') {
    if (authentication !== 'simple') report(KERBEROS_KEY.authentication, 'write simple or kerberos');
    return undefined;
  }
  const regionServerPrincipal = value(KERBEROS_KEY.regionServerPrincipal);
  const masterPrincipal = value(KERBEROS_KEY.masterPrincipal) || regionServerPrincipal;
  if (regionServerPrincipal === '')
    report(
      KERBEROS_KEY.regionServerPrincipal,
      `missing; with ${KERBEROS_KEY.authentication}=kerberos name who region servers are, like hbase/_HOST@REALM`,
    );
  else checkPrincipal(KERBEROS_KEY.regionServerPrincipal, regionServerPrincipal, report);
  if (value(KERBEROS_KEY.masterPrincipal) !== '')
    checkPrincipal(KERBEROS_KEY.masterPrincipal, masterPrincipal, report);
  const protection = protections.find((known) => known === value(KERBEROS_KEY.protection));
  if (protection === undefined) report(KERBEROS_KEY.protection, `write one of ${protections.join(', ')}`);
  return protection && { regionServerPrincipal, masterPrincipal, protection };
}

function checkPrincipal(name: string, principal: string, report: Report): void {
  if (!/^[^/@\s]+\/[^/@\s]+(@[^/@\s]+)?$/.test(principal))
    report(name, `'${principal}' is no principal of a server; write service/_HOST@REALM`);
}
