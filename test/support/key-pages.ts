// The pages KEYS.md and KEYS.zh-CN.md of a connector's room, made from the declarations of its plugins' keys.
import type { ConfigKey } from '../../src/core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';

export type Language = 'en' | 'zh';

const words = {
  en: {
    title: 'Configuration keys',
    intro: 'Made from the declarations in the code, and held equal to them by a test.',
    also: 'Also',
    head: ['key', 'value', 'default', 'meaning'],
    required: 'required',
    other: '[中文](KEYS.zh-CN.md) · [Syncline](../../README.md)',
  },
  zh: {
    title: '配置键',
    intro: '本页由代码中的声明生成，并由测试保证与其一致。',
    also: '别名',
    head: ['键', '取值', '默认值', '含义'],
    required: '必填',
    other: '[English](KEYS.md) · [Syncline](../../README.zh-CN.md)',
  },
} as const;

/** The folder below connectors/ that a plugin lives in: the word behind `io.syncline.` in one of its names. */
export function roomOf({ className, aliases }: ConnectorPlugin): string {
  const own = [className, ...aliases].find((name) => name.startsWith('io.syncline.'));
  if (own === undefined) throw new Error(`${className} has no name of ours`);
  return own.split('.')[2] ?? '';
}

export function keyPage(plugins: readonly ConnectorPlugin[], language: Language): string {
  const { title, intro, other } = words[language];
  return [`# ${title}`, other, intro, ...plugins.flatMap((plugin) => sectionOf(plugin, language))]
    .join('\n\n')
    .concat('\n');
}

function sectionOf({ className, aliases, configDef }: ConnectorPlugin, language: Language): string[] {
  const { head, also } = words[language];
  const colon = language === 'zh' ? '：' : ': ';
  const rows = configDef.map((key) => row(cellsOf(key, language)));
  return [
    `## ${className}`,
    ...(aliases.length === 0
      ? []
      : [`${also}${colon}${aliases.map(code).join(language === 'zh' ? '、' : ', ')}`]),
    [row(head), row(head.map(() => '---')), ...rows].join('\n'),
  ];
}

function cellsOf(key: ConfigKey, language: Language): string[] {
  return [code(key.name), valueOf(key), defaultOf(key, language), key.documentation[language]];
}

function valueOf({ type, oneOf, min, max }: ConfigKey): string {
  if (oneOf !== undefined) return oneOf.map(code).join(' ');
  const limits = [min, max].every((limit) => limit === undefined) ? '' : ` ${min ?? ''}…${max ?? ''}`;
  return `${type.toLowerCase()}${limits}`;
}

function defaultOf({ defaultValue }: ConfigKey, language: Language): string {
  if (defaultValue === undefined) return words[language].required;
  return defaultValue === null || defaultValue === '' ? '' : code(defaultValue);
}

function code(text: string): string {
  return `\`${text}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
