// Why options that more than one driver has mean nothing here.
import type { Text } from '../../../src/core/text.ts';

export const oneHost: Text = { en: 'there is one host', zh: '只有一台主机' };
export const tenSeconds: Text = { en: 'connecting is given 10 s', zh: '连接限时 10 秒' };
export const sixtySeconds: Text = { en: 'a statement is given 60 s', zh: '单条语句限时 60 秒' };
export const alwaysOn: Text = { en: 'it is always on', zh: '始终开启' };
export const asAsked: Text = {
  en: 'passwords are exchanged as the server asks for it',
  zh: '密码按服务器要求的方式交换',
};
