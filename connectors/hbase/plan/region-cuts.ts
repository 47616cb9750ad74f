// Cutting a range into pieces that hold about equally many rows, without reading it: by what a bounded number of small reads tell
// of where its keys lie.
import { interpolate } from './key-alphabet.ts';
import { isKnown, openTree, stratify } from './key-tree.ts';
import type { KeyNode, Sampling, Stratum } from './key-tree.ts';
import type { KeyRange } from '../client/key-range.ts';

/** Keys lie evenly where no part has more than so many times what its letters promise, or less than so much of it. */
const evenFactor = 1.5;
/** Ways down the tree for each piece, where keys lie unevenly: more make the pieces more alike. */
const waysPerPiece = 4;
/** What one way costs, about, behind the parts of it that others share. */
const readsPerWay = 14;
/** Finding less than so much of the keys that should be there, one looks for the rest on more ways. */
const tooFew = 0.6;
/** A part of the tree above so much of a piece is looked at again. */
const coarse = 0.5;
const maxRounds = 8;

export interface CutRequest {
  readonly range: KeyRange;
  readonly pieces: number;
  /** About how many keys the range has. */
  readonly keys: number;
}

/** At most pieces − 1 keys, ascending, all within the range; fewer where it has too few keys. */
export async function cutRange(sampling: Sampling, request: CutRequest): Promise<Buffer[]> {
  const { range, pieces } = request;
  const root = await openTree(sampling.reader, range);
  if (root === null || pieces < 2) return [];
  const strata = await findStrata(sampling, root, request);
  const first = root.head[0] ?? range.start;
  return cutsBetween(strata, pieces).filter(
    (key) => key.compare(first) > 0 && (range.stop.length === 0 || key.compare(range.stop) < 0),
  );
}

/** The range in parts that are small against a piece; whole, where keys lie evenly or there are too few reads to look. */
async function findStrata(
  sampling: Sampling,
  root: KeyNode,
  { pieces, keys }: CutRequest,
): Promise<readonly Stratum[]> {
  const { reader } = sampling;
  const canPay = (ways: number): boolean => reader.left >= ways * readsPerWay;
  const whole = { node: root, keys, part: 1 };
  if (!canPay(waysPerPiece * pieces)) return [whole];
  let strata = await stratify(sampling, whole, pieces);
  const isFound = (): boolean => total(strata) >= keys * tooFew;
  if (isFound() && areEven(strata)) return [whole];
  // A way is cheaper where others have been.
  let ways = waysPerPiece * pieces;
  do strata = await stratify(sampling, whole, ways);
  while (!isFound() && canPay((ways *= 2) / 2));
  for (let round = 0; round < maxRounds && canPay(1); round += 1) {
    const finer = await refine(sampling, strata, pieces);
    if (finer === null) break;
    strata = finer;
  }
  return strata;
}

/** The letters of the keys tell where they lie. */
function areEven(strata: readonly Stratum[]): boolean {
  const all = total(strata);
  return strata.every(({ keys, part }) => {
    const factor = keys / (all * part);
    return factor < evenFactor && factor > 1 / evenFactor;
  });
}

/** Looks again at parts that are too coarse to cut between; null: there are none. */
async function refine(
  sampling: Sampling,
  strata: readonly Stratum[],
  pieces: number,
): Promise<Stratum[] | null> {
  const bound = (total(strata) / pieces) * coarse;
  const isCoarse = ({ node, keys }: Stratum): boolean => keys > bound && !isKnown(node);
  if (!strata.some(isCoarse)) return null;
  const finer = strata.map((stratum) =>
    isCoarse(stratum)
      ? stratify(sampling, stratum, 2 + Math.ceil((2 * stratum.keys) / bound))
      : Promise.resolve([stratum]),
  );
  return (await Promise.all(finer)).flat();
}

/** Cuts between the parts and, where they should lie within one, where they would if its keys lay evenly. */
function cutsBetween(strata: readonly Stratum[], pieces: number): Buffer[] {
  const share = total(strata) / pieces;
  const cuts: Buffer[] = [];
  let before = 0;
  for (const { node, keys } of strata.filter((stratum) => stratum.keys > 0)) {
    for (let end = share * (cuts.length + 1); cuts.length < pieces - 1 && end <= before + keys;) {
      cuts.push(keyIn(node, (end - before) / keys));
      end = share * (cuts.length + 1);
    }
    before += keys;
  }
  return cuts.filter((key, index) => index === 0 || key.compare(cuts[index - 1] ?? key) > 0);
}

function keyIn(node: KeyNode, part: number): Buffer {
  const { head, last } = node;
  const first = head[0] ?? last;
  const known = isKnown(node) ? head[Math.floor(part * head.length)] : undefined;
  return known ?? interpolate({ first, last, keys: head }, part);
}

function total(strata: readonly Stratum[]): number {
  return strata.reduce((sum, { keys }) => sum + keys, 0);
}
