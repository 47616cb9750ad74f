// What the demo says, in two languages.
import type { Text } from '../../core/text.ts';
import type { RunReport } from '../../core/run-report.ts';
import type { RunState } from '../../core/run.ts';
import type { Difference } from '../orders/compare-orders.ts';

export interface DemoTexts {
  readonly doubleLabel: string;
  readonly double: (address: string) => string;
  readonly missing: string;
  readonly starting: string;
  readonly otherDemo: (pid: number) => string;
  readonly serving: (urls: { api: string; worker: string }) => string;
  readonly loading: (done: string, all: string) => string;
  readonly loaded: (rows: string, seconds: string) => string;
  readonly jobCreated: (name: string, cron: string) => string;
  readonly ready: (seconds: string) => string;
  readonly changing: string;
  readonly changed: (changed: string, added: string) => string;
  readonly comparing: string;
  readonly equal: (rows: string) => string;
  readonly different: (count: string, source: string, target: string) => string;
  readonly difference: (difference: Difference) => string;
  readonly report: string;
  readonly reportHeads: readonly string[];
  readonly runLabel: (number: number) => string;
  readonly full: string;
  readonly increment: string;
  /** And what a run that succeeded means. */
  readonly states: Readonly<Record<RunState | RunReport['outcome'], string>>;
  /** `count` is marked as an estimate where it is one. */
  readonly expected: (count: string) => string;
  readonly read: string;
  readonly written: string;
  /** By the source's word. */
  readonly deleted: string;
  /** By a comparison of keys. */
  readonly removed: string;
  readonly rate: string;
  readonly unproved: (runs: string) => string;
  /** Of a text in both languages the one that the demo speaks. */
  readonly say: (text: Text) => string;
  readonly goOn: (files: { log: string; config: string }) => string;
  readonly tryThese: string;
  readonly stopping: string;
  readonly stopped: string;
  readonly noRuns: (seconds: number) => string;
}

const en: DemoTexts = {
  doubleLabel:
    'DEMO DOUBLE: no real HBase, Kafka or MariaDB here. The source is a small in-memory server that speaks the HBase wire protocol, the target an SQLite file.',
  double: (address) => `DEMO DOUBLE of HBase: ${address}`,
  missing: 'the demo on real services needs what is not installed here:',
  starting: 'starting Kafka, HBase, MariaDB and Redis, all private to this demo',
  otherDemo: (pid) => `another demo is running here (process ${pid}); end it first`,
  serving: ({ api, worker }) => `Syncline serves: admin API ${api}, Connect worker ${worker}`,
  loading: (done, all) => `loading the table: ${done} of ${all} orders`,
  loaded: (rows, seconds) => `table orders: ${rows} rows in 8 regions, loaded in ${seconds} s`,
  jobCreated: (name, cron) => `job ${name} created by the admin API, cron ${cron}`,
  ready: (seconds) => `ready after ${seconds} s`,
  changing: 'from here on orders are changed and added while runs go on',
  changed: (changed, added) =>
    `writing stopped: ${changed} single columns changed, ${added} orders added; one more run has to pass`,
  comparing: 'comparing source and target, row by row, all columns',
  equal: (rows) => `source and target are equal: ${rows} rows, every column`,
  different: (count, source, target) =>
    `source and target DIFFER in ${count} places (source ${source} rows, target ${target} rows); the first:`,
  difference: ({ key, column, kind, source, target }) => {
    if (kind === 'missing-in-target') return `${key}: missing in the target`;
    if (kind === 'not-in-source') return `${key}: in the target, not in the source`;
    return `${key}, ${column ?? ''}: source ${JSON.stringify(source)}, target ${JSON.stringify(target)}`;
  },
  report: 'Runs',
  reportHeads: [
    'run',
    'planned',
    'state',
    'outcome',
    'window',
    'read',
    'written',
    'deleted',
    'removed',
    'dirty',
    'rows/s',
  ],
  runLabel: (number) => `run ${number}`,
  full: 'full',
  increment: 'increment',
  states: {
    queued: 'queued',
    starting: 'starting',
    running: 'running',
    succeeded: 'succeeded',
    proved: 'proved',
    delivered: 'delivered, not proved',
    'not-complete': 'not complete',
    failed: 'FAILED',
    'timed-out': 'TIMED OUT',
    cancelled: 'cancelled',
    superseded: 'superseded',
    lost: 'LOST',
    skipped: 'skipped',
  },
  expected: (count) => `${count} expected`,
  read: 'read',
  written: 'written',
  deleted: 'deleted',
  removed: 'removed',
  rate: 'rows/s',
  unproved: (runs) => `not proved: ${runs}`,
  say: (text) => text.en,
  goOn: ({ log, config }) =>
    `Syncline goes on serving until Ctrl-C. Its log: ${log}\nIts configuration: ${config}`,
  tryThese: 'Try (the token is good for this demo only):',
  stopping: 'stopping everything that was started…',
  stopped: 'stopped',
  noRuns: (seconds) => `no run came to the wanted end within ${seconds} s`,
};

const zh: DemoTexts = {
  doubleLabel:
    '演示替身（DEMO DOUBLE）：此处没有真实的 HBase、Kafka 或 MariaDB。源是一个讲 HBase 协议的内存小服务器，目标是一个 SQLite 文件。',
  double: (address) => `HBase 的演示替身：${address}`,
  missing: '以真实服务运行演示还缺少：',
  starting: '正在启动仅供本演示使用的 Kafka、HBase、MariaDB 和 Redis',
  otherDemo: (pid) => `已有一个演示在运行（进程 ${pid}），请先结束它`,
  serving: ({ api, worker }) => `Syncline 已就绪：管理 API ${api}，Connect 工作节点 ${worker}`,
  loading: (done, all) => `正在装载表：${done} / ${all} 个订单`,
  loaded: (rows, seconds) => `表 orders：8 个 region，${rows} 行，用时 ${seconds} 秒`,
  jobCreated: (name, cron) => `已通过管理 API 创建作业 ${name}，cron ${cron}`,
  ready: (seconds) => `准备就绪，用时 ${seconds} 秒`,
  changing: '从现在起，运行期间会不断修改和新增订单',
  changed: (changed, added) => `停止写入：修改了 ${changed} 个单列，新增 ${added} 个订单；再等一次运行`,
  comparing: '正在逐行逐列比较源与目标',
  equal: (rows) => `源与目标一致：${rows} 行，所有列`,
  different: (count, source, target) =>
    `源与目标有 ${count} 处不同（源 ${source} 行，目标 ${target} 行）；最前面的是：`,
  difference: ({ key, column, kind, source, target }) => {
    if (kind === 'missing-in-target') return `${key}：目标中缺失`;
    if (kind === 'not-in-source') return `${key}：只在目标中`;
    return `${key}，${column ?? ''}：源 ${JSON.stringify(source)}，目标 ${JSON.stringify(target)}`;
  },
  report: '运行报告',
  reportHeads: [
    '运行',
    '计划时间',
    '状态',
    '结论',
    '窗口',
    '读取',
    '写入',
    '删除',
    '比对删除',
    '脏行',
    '行/秒',
  ],
  runLabel: (number) => `运行 ${number}`,
  full: '全量',
  increment: '增量',
  states: {
    queued: '排队',
    starting: '启动中',
    running: '运行中',
    succeeded: '成功',
    proved: '已证明',
    delivered: '已交付，未证明',
    'not-complete': '未完成',
    failed: '失败',
    'timed-out': '超时',
    cancelled: '已取消',
    superseded: '被取代',
    lost: '丢失',
    skipped: '跳过',
  },
  expected: (count) => `预计 ${count}`,
  read: '读取',
  written: '写入',
  deleted: '删除',
  removed: '比对删除',
  rate: '行/秒',
  unproved: (runs) => `未证明：${runs}`,
  say: (text) => text.zh,
  goOn: ({ log, config }) => `Syncline 继续运行，按 Ctrl-C 结束。日志：${log}\n配置：${config}`,
  tryThese: '可以试试（令牌仅用于本演示）：',
  stopping: '正在停止所有已启动的进程……',
  stopped: '已停止',
  noRuns: (seconds) => `${seconds} 秒内没有达到预期的运行结果`,
};

/** Chinese where the locale says so. */
export function chooseTexts(env: Readonly<Record<string, string | undefined>>): DemoTexts {
  const locale = [env['LC_ALL'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale?.toLowerCase().startsWith('zh') === true ? zh : en;
}

/** Groups of three digits, in both languages. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function formatSeconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
