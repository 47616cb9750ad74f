// The JDBC URL of a PostgreSQL server: its options, and what they say of TLS and of the schema.
import { complain } from '../../../src/core/connector/config.ts';
import type { Text } from '../../../src/core/text.ts';
import { readFlag, readJdbcPlace, type JdbcPlace, type UrlForm } from '../../sql/connection/jdbc-url.ts';
import { alwaysOn, asAsked, oneHost, sixtySeconds, tenSeconds } from '../../sql/connection/option-reasons.ts';
import { readTlsMode, type TlsMode, type TlsWords } from '../../sql/connection/tls.ts';

export interface JdbcTarget extends Omit<JdbcPlace, 'options'> {
  readonly tls: TlsMode;
  /** null: the URL names none. */
  readonly schema: string | null;
}

const oneCopy: Text = { en: 'batches are written by COPY', zh: '批次以 COPY 写入' };
const notKept: Text = {
  en: 'the few statements of a batch are not kept prepared',
  zh: '每批的少量语句不保留预编译',
};
const asText: Text = { en: 'values go as text', zh: '值以文本传送' };
const ownName: Text = {
  en: 'sessions are called syncline, those that only read syncline reader',
  zh: '会话名为 syncline，只读会话为 syncline reader',
};
const byPages: Text = { en: 'rows are read in pages', zh: '行按页读取' };
const unlogged: Text = { en: 'nothing of it is needed here', zh: '此处不需要' };

/** No effect, and why that is right; null: it is read. Names in lower case. */
const options = new Map<string, Text | null>(
  Object.entries({
    targetservertype: oneHost,
    loadbalancehosts: oneHost,
    hostrecheckseconds: oneHost,
    rewritebatchedinserts: oneCopy,
    preparethreshold: notKept,
    preparedstatementcachequeries: notKept,
    preparedstatementcachesizemib: notKept,
    preferquerymode: notKept,
    binarytransfer: asText,
    stringtype: asText,
    logintimeout: tenSeconds,
    connecttimeout: tenSeconds,
    sockettimeout: sixtySeconds,
    cancelsignaltimeout: sixtySeconds,
    tcpkeepalive: alwaysOn,
    tcpnodelay: alwaysOn,
    applicationname: ownName,
    assumeminserverversion: unlogged,
    defaultrowfetchsize: byPages,
    adaptivefetch: byPages,
    channelbinding: asAsked,
    logunclosedconnections: unlogged,
    logservererrordetail: unlogged,
    currentschema: null,
    ssl: null,
    sslmode: null,
  }),
);

const form: UrlForm = { schemes: ['postgresql'], defaultPort: 5432, options };

/** Throws Complaint. */
export function readJdbcUrl(text: string): JdbcTarget {
  const { options: written, ...place } = readJdbcPlace(text, form);
  const schema = written.get('currentschema') ?? null;
  if (schema?.includes(',') === true) complain('currentSchema names several schemas, one is supported');
  return { ...place, schema: schema === '' ? null : schema, tls: readTls(written) };
}

/** pgjdbc's names. `allow` would try plain text first: TLS goes first here in any case. */
export const tlsWords: TlsWords = {
  option: 'sslmode',
  modes: new Map([
    ['disable', 'disabled'],
    ['allow', 'preferred'],
    ['prefer', 'preferred'],
    ['require', 'required'],
    ['verify_ca', 'verify_ca'],
    ['verify_full', 'verify_identity'],
  ]),
  shown: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
};

/** sslmode decides alone; without it ssl=true asks for a verified certificate, as in pgjdbc. */
function readTls(written: JdbcPlace['options']): TlsMode {
  const ssl = readFlag(written, 'ssl');
  const mode = readTlsMode(written, tlsWords);
  if (mode !== null) return mode;
  if (ssl === true) return 'verify_identity';
  return ssl === false ? 'disabled' : 'preferred';
}
