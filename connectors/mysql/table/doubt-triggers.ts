// What a trigger may do to a row before it is stored is nowhere to be read: rows of such a table are not proved.
import type { Text } from '../../../src/core/text.ts';
import type { MysqlSinkConfig } from '../config.ts';

export interface ChangingTrigger {
  readonly name: string;
  /** INSERT or UPDATE. */
  readonly event: string;
}

/** `changing`: those that may change a row before it is stored. */
export function doubtTriggers(
  changing: readonly ChangingTrigger[],
  {
    seesTriggers,
    insertMode,
  }: { readonly seesTriggers: boolean; readonly insertMode: MysqlSinkConfig['insertMode'] },
): readonly Text[] {
  const events = { upsert: ['INSERT', 'UPDATE'], insert: ['INSERT'], update: ['UPDATE'] }[insertMode];
  const fired = changing.filter(({ event }) => events.includes(event));
  return [
    ...fired.map(({ name, event }) => ({
      en: `trigger ${name} (BEFORE ${event}) may change rows before they are stored`,
      zh: `触发器 ${name}（BEFORE ${event}）可能在存储前改变行`,
    })),
    ...(seesTriggers
      ? []
      : [
          {
            en: "without the TRIGGER right triggers can't be seen, and one may change rows before they are stored; grant it on the table or its database",
            zh: '没有 TRIGGER 权限，看不到触发器，而触发器可能在存储前改变行；请在该表或其数据库上授予此权限',
          },
        ]),
  ];
}
