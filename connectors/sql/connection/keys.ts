// The keys by which every SQL connector finds its server, but for the URL, whose form each kind of server has of its own.
import { secret, text } from '../../../src/core/connector/config.ts';

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
