// The JDBC URL of a MySQL or MariaDB server: its options, and what they say of TLS.
import type { Text } from '../../../src/core/text.ts';
import { readFlag, readJdbcPlace, type JdbcPlace, type UrlForm } from '../../sql/connection/jdbc-url.ts';
import { alwaysOn, asAsked, oneHost, sixtySeconds, tenSeconds } from '../../sql/connection/option-reasons.ts';
import { readTlsMode, type TlsMode, type TlsWords } from '../../sql/connection/tls.ts';

export interface JdbcTarget extends Omit<JdbcPlace, 'options'> {
  readonly tls: TlsMode;
}

const reconnects: Text = {
  en: 'a lost connection is always replaced, and its transaction repeated',
  zh: '连接断开后总会重新建立，并重做其事务',
};
const utf8: Text = { en: 'text is always utf-8', zh: '文本始终为 utf-8' };
const ownCollations: Text = {
  en: 'comparisons use the columns’ own collations',
  zh: '比较使用各列自身的排序规则',
};
const inUtc: Text = { en: 'times are sent in UTC', zh: '时间以 UTC 发送' };
const noZeroDate: Text = { en: 'a zero date is refused as a dirty row', zh: '零日期作为脏行被拒绝' };
const noBits: Text = { en: 'nothing is read back as a bit', zh: '不会按位读回任何值' };
const oneStatement: Text = { en: 'batches are always written as one statement', zh: '批次总以一条语句写入' };
const prepared: Text = { en: 'statements are always prepared by the server', zh: '语句总由服务器预编译' };
const keptPrepared: Text = { en: 'prepared statements are always kept', zh: '预编译语句总会保留' };
const uncompressed: Text = { en: 'the connection is not compressed', zh: '连接不压缩' };
const fullNames: Text = { en: 'tables are always named with their database', zh: '表名总带所属数据库' };

/** No effect, and why that is right; null: it is read. Names in lower case. */
const withoutEffect = new Map<string, Text | null>(
  Object.entries({
    autoreconnect: reconnects,
    autoreconnectforpools: reconnects,
    failoverreadonly: oneHost,
    useunicode: utf8,
    characterencoding: utf8,
    characterset: utf8,
    connectioncollation: ownCollations,
    servertimezone: inUtc,
    connectiontimezone: inUtc,
    uselegacydatetimecode: inUtc,
    usejdbccomplianttimezoneshift: inUtc,
    zerodatetimebehavior: noZeroDate,
    tinyint1isbit: noBits,
    rewritebatchedstatements: oneStatement,
    usebulkstmts: oneStatement,
    useserverprepstmts: prepared,
    cacheprepstmts: keptPrepared,
    prepstmtcachesize: keptPrepared,
    prepstmtcachesqllimit: keptPrepared,
    usecompression: uncompressed,
    nullcatalogmeanscurrent: fullNames,
    allowpublickeyretrieval: asAsked,
    connecttimeout: tenSeconds,
    sockettimeout: sixtySeconds,
    tcpkeepalive: alwaysOn,
    usessl: null,
    requiressl: null,
    verifyservercertificate: null,
    sslmode: null,
  }),
);

const form: UrlForm = { schemes: ['mysql', 'mariadb'], defaultPort: 3306, options: withoutEffect };

/** Throws Complaint. */
export function readJdbcUrl(text: string): JdbcTarget {
  const { options, ...place } = readJdbcPlace(text, form);
  return { ...place, tls: readTls(options) };
}

/** Connector/J's names, and MariaDB's. */
export const tlsWords: TlsWords = {
  option: 'sslMode',
  modes: new Map([
    ['disabled', 'disabled'],
    ['disable', 'disabled'],
    ['preferred', 'preferred'],
    ['required', 'required'],
    ['trust', 'required'],
    ['verify_ca', 'verify_ca'],
    ['verify_identity', 'verify_identity'],
    ['verify_full', 'verify_identity'],
  ]),
  shown: ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'],
};

/** Connector/J's: sslMode decides alone; without it the older options, of which useSSL=false goes first. */
function readTls(options: JdbcPlace['options']): TlsMode {
  const [useSsl, requireSsl, verify] = ['useSSL', 'requireSSL', 'verifyServerCertificate'].map((name) =>
    readFlag(options, name),
  );
  const mode = readTlsMode(options, tlsWords);
  if (mode !== null) return mode;
  if (useSsl === false) return 'disabled';
  if (verify === true) return 'verify_ca';
  return requireSsl === true ? 'required' : 'preferred';
}
