// What a sink task knows of the run's plan, as one value that is made once:
//
//   nothing ─BEGIN of the log, or the plan in the ledger─► in hand: rows can be decoded ─target table looked at─► prepared
import type { RowSchema } from '../../core/connector/field-type.ts';
import type { BeginControl } from '../../core/record/headers.ts';
import type { LedgerPlan } from '../../core/ledger/ledger.ts';
import type { Predicted } from '../../core/status.ts';
import type { Text } from '../../core/text.ts';
import type { TargetTable } from './apply-unit.ts';
import { planDetail, readPlanDetail } from './plan-detail.ts';
import { createDecoder } from '../converters/value-converter.ts';
import type { ValueDecoder } from '../converters/converter.ts';

/** What the look at the target's table told. */
export interface PreparedTarget extends TargetTable {
  readonly notes: readonly Text[];
}

interface Known {
  readonly plan: LedgerPlan;
  readonly schema: RowSchema;
  readonly decoder: ValueDecoder;
  readonly ready: Promise<PreparedTarget>;
}

export class PlanInHand {
  readonly #prepare: (schema: RowSchema) => Promise<PreparedTarget>;
  #known: Known | null = null;
  #prepared: PreparedTarget | null = null;
  #predicted: Predicted = { rows: null, exact: false };

  /** `prepare` looks at the target table once, before the first transaction. */
  constructor(prepare: (schema: RowSchema) => Promise<PreparedTarget>) {
    this.#prepare = prepare;
  }

  get plan(): LedgerPlan | null {
    return this.#known?.plan ?? null;
  }

  get schema(): RowSchema | null {
    return this.#known?.schema ?? null;
  }

  get decoder(): ValueDecoder | null {
    return this.#known?.decoder ?? null;
  }

  /** Only BEGIN records tell it. */
  get predicted(): Predicted {
    return this.#predicted;
  }

  /** null: the target table was not looked at yet. */
  get prepared(): PreparedTarget | null {
    return this.#prepared;
  }

  /** The first plan stays: BEGINs of another are passed over by the ledger's rules. */
  begin(begin: BeginControl): void {
    const rows = Number(begin.predictedTotal);
    this.#predicted = { rows: Number.isFinite(rows) && rows >= 0 ? rows : null, exact: false };
    this.adopt({
      id: begin.plan,
      splits: begin.splits,
      window: { from: begin.from, to: begin.to },
      detail: JSON.stringify(planDetail(begin)),
    });
  }

  adopt(plan: LedgerPlan): void {
    if (this.#known !== null) return;
    const { format, schema } = readPlanDetail(plan);
    const ready = this.#prepare(schema).then((prepared) => (this.#prepared = prepared));
    // Awaited by each writer before its first transaction; here only so that a failure has a handler at once.
    ready.catch(() => undefined);
    this.#known = { plan, schema, decoder: createDecoder(format, schema), ready };
  }

  /** Resolves once rows may be written. Throws what looking at the target table threw. null: no plan is known, and so no rows. */
  async ready(): Promise<PreparedTarget | null> {
    return (await this.#known?.ready) ?? null;
  }
}
