// Is it a plan? null, or what is wrong with it, in words.
import { counted } from '../../src/core/text.ts';
import type { SourcePlan } from '../../src/core/connector/contract.ts';
import { isPosition } from '../../src/core/position.ts';

/** A plan is kept as text, a line for each split. */
const MOST_SPLITS = 1_000_000;

export function planProblem(plan: SourcePlan): string | null {
  if (typeof plan !== 'object' || (plan as unknown) === null) return 'it is no object';
  return (
    windowProblem(plan) ??
    schemaProblem(plan) ??
    textsProblem(plan) ??
    predictedProblem(plan) ??
    (Array.isArray(plan.notes) && Array.isArray(plan.doubts) ? null : 'its notes or doubts are no array')
  );
}

function windowProblem({ window }: SourcePlan): string | null {
  if (typeof window !== 'object' || (window as unknown) === null) return 'it has no window';
  for (const position of [window.from, window.to])
    if (position !== null && !isPosition(position))
      return `its window has ${JSON.stringify(position)}, which is no position`;
  return null;
}

function schemaProblem({ schema }: SourcePlan): string | null {
  const { fields, key } = (schema as SourcePlan['schema'] | undefined) ?? {};
  if (!Array.isArray(fields) || fields.length === 0 || !Array.isArray(key))
    return 'it has no schema with fields and a key';
  const names = fields.map(({ name }) => name as unknown);
  if (names.some((name) => typeof name !== 'string' || name === ''))
    return 'a field of its schema has no name';
  if (new Set(names).size < names.length) return 'two fields of its schema have one name';
  const stranger = (key as readonly unknown[]).find((name) => !names.includes(name));
  return stranger === undefined ? null : `its key has ${JSON.stringify(stranger)}, which is no field`;
}

function textsProblem({ shared, splits }: SourcePlan): string | null {
  if (!Array.isArray(splits) || splits.length === 0) return 'it has no splits; one is the least';
  if (splits.length > MOST_SPLITS) return `it has ${splits.length} splits, more than ${MOST_SPLITS}`;
  const isLine = (text: unknown): boolean => typeof text === 'string' && !text.includes('\n');
  const texts = splits as readonly unknown[];
  if (![shared, ...texts].every(isLine)) return 'shared and splits are not texts of one line each';
  // A split's text is all that its reader is told, so both would give the same rows, and every one of them twice.
  const seen = new Set<unknown>();
  const again = texts.find((text) => seen.size === seen.add(text).size);
  return again === undefined
    ? null
    : `two of its splits are ${JSON.stringify(again)}: what it says would be read twice`;
}

function predictedProblem({ predicted }: SourcePlan): string | null {
  const { rows } = (predicted as SourcePlan['predicted'] | undefined) ?? {};
  if (rows === null) return null;
  if (Number.isSafeInteger(rows) && (rows as number) >= 0) return null;
  return `it predicts ${counted(rows ?? null, 'row')}; write a whole number, or null for unknown`;
}
