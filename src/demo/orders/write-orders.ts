// Puts the sample orders into HBase: the whole table at first, then changes of single columns and new orders.
import { latestTimestamp } from '../../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../../connectors/hbase/client/client.ts';
import type { Mutation } from '../../../connectors/hbase/client/messages/mutation.ts';
import type { Order } from './make-order.ts';
import { makeOrder, orderKey, orderValue, splitKeys } from './make-order.ts';
import type { OrderColumn, OrderValue } from './order-columns.ts';
import { cellColumns, encodeValue, orderFamilies } from './order-columns.ts';

const ordersPerPut = 1_000;
const putsInFlight = 3;

export interface OrderTable {
  readonly client: HBaseClient;
  readonly table: string;
  readonly signal: AbortSignal;
}

export async function createOrderTable({ client, table, signal }: OrderTable): Promise<void> {
  const families = Object.fromEntries(orderFamilies.map((family) => [family, {}]));
  await client.admin.createTable({ table, families, splitKeys }, { signal });
}

/** Orders 0 to `orders` − 1; `onProgress` is told how many are in. */
export async function loadOrders(
  into: OrderTable,
  orders: number,
  onProgress: (done: number) => void,
): Promise<void> {
  let [next, done] = [0, 0];
  const put = async (): Promise<void> => {
    while (next < orders) {
      const first = next;
      next = Math.min(orders, first + ordersPerPut);
      const count = next - first;
      await into.client.mutateRows(
        into.table,
        Array.from({ length: count }, (_, at) => putOrder(makeOrder(first + at))),
        { signal: into.signal },
      );
      done += count;
      onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: putsInFlight }, put));
  // As the rows of any table of some age: an increment then passes over whole files by their times. In memory HBase looks at every
  // cell, which takes longer than a full read.
  await into.client.flushTable(into.table, { signal: into.signal });
}

/** What the changes of one step did. */
export interface OrderChanges {
  readonly changed: number;
  readonly added: number;
}

const changesPerStep = 30;
const newPerStep = 10;
/** Coprime to any count that is no multiple of it: walks through the table in leaps, over all regions. */
const leap = 7_907;

/** Changes single columns of orders that exist, and adds new ones; each call goes on where the last one ended. */
export class OrderChanger {
  readonly #into: OrderTable;
  #orders: number;
  #step = 0;

  constructor(into: OrderTable, orders: number) {
    this.#into = into;
    this.#orders = orders;
  }

  async change(): Promise<OrderChanges> {
    this.#step += 1;
    const { client, table, signal } = this.#into;
    const changes = Array.from({ length: changesPerStep }, (_, at) => this.#changeOne(at));
    const added = Array.from({ length: newPerStep }, (_, at) => putOrder(makeOrder(this.#orders + at)));
    await client.mutateRows(table, [...changes, ...added], { signal });
    this.#orders += newPerStep;
    return { changed: changesPerStep, added: newPerStep };
  }

  /** One column only: the others must keep their values in the target. */
  #changeOne(at: number): Mutation {
    const count = (this.#step - 1) * changesPerStep + at;
    const index = (count * leap) % this.#orders;
    const changeable = cellColumns.filter(
      ({ name }) => name !== 'order_id' && !name.endsWith('_at') && !name.endsWith('_day'),
    );
    const column = changeable[count % changeable.length] ?? cellColumns[0];
    if (column === undefined) throw new RangeError('the sample table has no columns');
    const value = orderValue(column, index, this.#step);
    const row = Buffer.from(orderKey(index));
    return { kind: 'put', row, cells: value === null ? [] : [cellOf(row, column, value)] };
  }
}

function putOrder({ key, values }: Order): Mutation {
  const row = Buffer.from(key);
  const cells: Cell[] = [];
  for (const column of cellColumns) {
    const value = values.get(column.name);
    if (value !== undefined) cells.push(cellOf(row, column, value));
  }
  return { kind: 'put', row, cells };
}

/** A million cells are put at first: what they share is made once. */
const placeOf = new Map(
  cellColumns.map((column) => [
    column.name,
    { family: Buffer.from(column.family), qualifier: Buffer.from(column.qualifier) },
  ]),
);

function cellOf(row: Buffer, { name, kind }: OrderColumn, value: OrderValue): Cell {
  const place = placeOf.get(name);
  if (place === undefined) throw new RangeError(`${name} is no cell`);
  return { row, ...place, timestamp: latestTimestamp, type: 'put', value: encodeValue(kind, value) };
}
