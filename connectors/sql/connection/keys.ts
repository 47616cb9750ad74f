// The keys by which every SQL connector finds its server, but for the URL, whose form each kind of server has of its own.
import { complain, parsed, secret, text } from '../../../src/core/connector/config.ts';

const group = 'Connection';

export const userKey = text('connection.user', {
  importance: 'HIGH',
  doc: { en: 'User of the database.', zh: '数据库的用户。' },
  group,
  displayName: 'User',
});

export const passwordKey = secret('connection.password', {
  default: '',
  importance: 'HIGH',
  doc: { en: 'Password of that user.', zh: '该用户的密码。' },
  group,
  displayName: 'Password',
});

/** Confluent's name of a database, accepted where it is the one that connection.url means. */
export function dialectKey(name: string) {
  return parsed(
    'dialect.name',
    {
      default: '',
      importance: 'LOW',
      doc: {
        en: `Confluent's key: ${name}, or blank; connection.url says which database it is.`,
        zh: `Confluent 的配置项：${name} 或留空；数据库由 connection.url 决定。`,
      },
      group,
      displayName: 'Dialect',
    },
    (text) =>
      text === '' || text.toLowerCase() === name.toLowerCase()
        ? text
        : complain(`connection.url says that it is ${name}; leave it out`),
  );
}
