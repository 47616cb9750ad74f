import { describe, expect, it } from 'vitest';
import { Complaint } from '../../../src/core/connector/config.ts';
import { readJdbcUrl } from '../../../connectors/mysql/session/jdbc-url.ts';
import { english } from '../../support/english.ts';

const url = (options: string): string => `jdbc:mysql://db.example:3307/shop?${options}`;

describe('a JDBC URL', () => {
  it('names host, port and database; port and options may be left out', () => {
    expect(readJdbcUrl('jdbc:mysql://192.168.130.247:3306/test03')).toEqual({
      host: '192.168.130.247',
      port: 3306,
      database: 'test03',
      tls: 'preferred',
      notes: [],
    });
    expect(readJdbcUrl('jdbc:mariadb://DB.Example')).toMatchObject({
      host: 'db.example',
      port: 3306,
      database: null,
    });
    expect(readJdbcUrl('jdbc:mysql://[::1]:3307/')).toMatchObject({
      host: '::1',
      port: 3307,
      database: null,
    });
  });

  it('is read as article 003 prints it, blank and options included, and says which options do nothing', () => {
    const printed =
      'jdbc:mysql://192.168.130.247:3306/test03? autoReconnect=true&useUnicode=true&characterEncoding=utf-8&useSSL=false';
    const { notes, ...target } = readJdbcUrl(printed);
    expect(target).toEqual({ host: '192.168.130.247', port: 3306, database: 'test03', tls: 'disabled' });
    expect(notes).toHaveLength(3);
    expect(english(notes).join()).toMatch(/autoReconnect.*useUnicode.*characterEncoding/s);
  });

  it.each([
    ['', 'preferred'],
    ['useSSL=false', 'disabled'],
    ['useSSL=no&requireSSL=true', 'disabled'],
    ['useSSL=true', 'preferred'],
    ['requireSSL=true', 'required'],
    ['useSSL=true&requireSSL=TRUE', 'required'],
    ['useSSL=true&verifyServerCertificate=true', 'verify_ca'],
    ['useSSL=true&requireSSL=true&verifyServerCertificate=false', 'required'],
    ['sslMode=DISABLED&useSSL=true', 'disabled'],
    ['sslMode=VERIFY_IDENTITY&useSSL=false', 'verify_identity'],
    ['sslMode=PREFERRED', 'preferred'],
    ['sslMode=REQUIRED', 'required'],
    ['sslMode=VERIFY_CA', 'verify_ca'],
    ['sslmode=verify-full', 'verify_identity'],
    ['sslMode=disable', 'disabled'],
    ['sslMode=trust', 'required'],
  ])('with %s has TLS %s', (options, tls) => {
    expect(readJdbcUrl(url(options)).tls).toBe(tls);
  });

  it.each([
    'allowLoadLocalInfile=true',
    'ALLOWLOADLOCALINFILE=true',
    'allowUrlInLocalInfile=true',
    'allowLoadLocalInfileInPath=/',
    'autoDeserialize=true',
    'queryInterceptors=com.evil.Class',
    'socketFactory=com.evil.Class',
    'propertiesTransform=com.evil.Class',
    'allowMultiQueries=true',
    'sessionVariables=sql_mode=%27%27',
    'LOCAL_FILES=1',
    'multipleStatements=true',
    'socketPath=/etc/passwd',
    'localSocket=/tmp/x',
    'serverSslCert=/etc/passwd',
    'user=root',
    'password=x',
    'allow%4CoadLocalInfile=true',
    '__proto__=1',
    'constructor=1',
  ])('with the option %s is refused', (option) => {
    expect(() => readJdbcUrl(url(option))).toThrow(/option .* is not supported/);
  });

  it.each([
    ['', 'form'],
    ['jdbc:postgresql://h/d', 'form'],
    ['jdbc:mysql:loadbalance://h/d', 'form'],
    ['mysql://h/d', 'form'],
    ['jdbc:h2:mem:test;INIT=RUNSCRIPT', 'form'],
    ['jdbc:mysql://root:secret@h/d', 'user and password'],
    ['jdbc:mysql://h1:3306,h2:3306/d', 'several hosts'],
    ['jdbc:mysql://(host=h,port=1)/d', 'several hosts'],
    ['jdbc:mysql://address=(host=h)/d', 'not host'],
    ['jdbc:mysql://h:0/d', 'port 0'],
    ['jdbc:mysql://h:65536/d', 'port 65536'],
    ['jdbc:mysql:///d', 'not host'],
    ['jdbc:mysql://h/d%zz', 'broken'],
    ['jdbc:mysql://h/d?sslMode=maybe', 'sslMode'],
    ['jdbc:mysql://h/d?sslMode=', 'sslMode'],
    ['jdbc:mysql://h/d?useSSL=1', 'useSSL: write true or false'],
  ])('%s is refused without being repeated', (text, said) => {
    expect(() => readJdbcUrl(text)).toThrow(said);
    try {
      readJdbcUrl(text);
    } catch (error) {
      expect(error).toBeInstanceOf(Complaint);
      expect(String(error)).not.toContain('secret');
    }
  });
});
