// A lane in miniature, run as a worker thread: writes to one topic of the memory log and reads another, through its port.
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { openMemoryLogClient } from '../../src/log/memory/memory-log-client.ts';
import { batchOf, fromStart, readRecords } from './log-records.ts';

export interface LaneOrders {
  readonly port: MessagePort;
  readonly writeTo: string;
  readonly values: readonly string[];
  readonly readFrom: string;
  readonly expected: number;
}

const orders = workerData as LaneOrders;
const log = openMemoryLogClient(orders.port);
const reader = await log.openReader({
  topic: orders.readFrom,
  from: fromStart(1),
  signal: new AbortController().signal,
});
const producer = await log.openProducer();
for (const value of orders.values) await producer.append(orders.writeTo, 0, batchOf([value]));
const read = await readRecords(reader, orders.expected);
parentPort?.postMessage(read.map(({ value }) => value));
// Stays, with its reader where it is, until it is told to go or terminated.
parentPort?.once('message', () => {
  void log.close();
});
