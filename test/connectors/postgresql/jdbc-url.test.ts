import { describe, expect, it } from 'vitest';
import { Complaint } from '../../../src/core/connector/config.ts';
import { readJdbcUrl } from '../../../connectors/postgresql/session/jdbc-url.ts';
import { english } from '../../support/english.ts';

const url = (options: string): string => `jdbc:postgresql://db.example:5433/shop?${options}`;

describe('a JDBC URL of PostgreSQL', () => {
  it('names host, port, database and schema; all but the host may be left out', () => {
    expect(readJdbcUrl('jdbc:postgresql://DB.Example:5433/shop?currentSchema=Sales%20Team')).toEqual({
      host: 'db.example',
      port: 5433,
      database: 'shop',
      schema: 'Sales Team',
      tls: 'preferred',
      notes: [],
    });
    expect(readJdbcUrl('JDBC:PostgreSQL://[::1]/?currentSchema=')).toMatchObject({
      host: '::1',
      port: 5432,
      database: null,
      schema: null,
    });
  });

  it.each([
    ['', 'preferred'],
    ['ssl=true', 'verify_identity'],
    ['ssl=false', 'disabled'],
    ['ssl=true&sslmode=require', 'required'],
    ['sslmode=disable', 'disabled'],
    ['sslmode=allow', 'preferred'],
    ['sslmode=prefer', 'preferred'],
    ['sslMode=VERIFY_CA', 'verify_ca'],
    ['sslmode=verify-full&ssl=false', 'verify_identity'],
  ])('with "%s" has TLS %s', (options, tls) => {
    expect(readJdbcUrl(url(options)).tls).toBe(tls);
  });

  it('says of each option that does nothing why that is right', () => {
    const { notes } = readJdbcUrl(url('reWriteBatchedInserts=true&connectTimeout=5&ApplicationName=x'));
    expect(english(notes)).toEqual([
      expect.stringContaining('reWriteBatchedInserts has no effect: batches are written by COPY'),
      expect.stringContaining('connectTimeout has no effect: connecting is given 10 s'),
      expect.stringContaining('ApplicationName has no effect: sessions are called syncline'),
    ]);
  });

  it.each([
    ['jdbc:mysql://h/d', 'not of the form jdbc:postgresql://host:port/database'],
    ['jdbc:postgresql:d', 'not of the form'],
    ['jdbc:postgresql://u:secret@h/d', 'belong to connection.user'],
    ['jdbc:postgresql://a,b/d', 'several hosts'],
    ['jdbc:postgresql://h:0/d', 'port 0 does not exist'],
    ['jdbc:postgresql://h:65536/d', 'port 65536'],
    ['jdbc:postgresql://h/%zz', 'broken % escape'],
    [url('socketFactory=x'), 'option socketFactory is not supported'],
    [url('sslrootcert=/etc/passwd'), 'option sslrootcert is not supported'],
    [url('options=-c%20x'), 'option options is not supported'],
    [url('sslmode=always'), "sslmode 'always' is not known; write one of disable, allow, prefer"],
    [url('ssl=maybe'), 'ssl: write true or false'],
    [url('currentSchema=a,b'), 'several schemas'],
  ])('refuses %s, and never repeats the URL', (text, words) => {
    const read = (): unknown => readJdbcUrl(text);
    expect(read).toThrow(Complaint);
    expect(read).toThrow(words);
    expect(read).not.toThrow('secret');
  });
});
