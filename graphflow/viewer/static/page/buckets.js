// Histograms as numbers: TensorFlow's own buckets, even bins made of them, and which steps are drawn. Knows no page.

import { number } from "./series.js";

const BIG = 1e300; // TensorFlow's outermost limits are the largest double

/** The buckets that hold anything: [left, right, count]; the outermost end at the least and greatest value. */
export function bucketsOf(entry) {
  const low = number(entry.min);
  const high = number(entry.max);
  const out = [];
  entry.counts.map(number).forEach((count, i) => {
    if (!(count > 0)) return;
    const left = Math.max(low, i ? number(entry.limits[i - 1]) : low);
    const right = Math.min(high, number(entry.limits[i]));
    out.push([Math.abs(left) < BIG ? left : low, Math.abs(right) < BIG ? Math.max(left, right) : high, count]);
  });
  return out;
}

/** The counts in `bins` even bins of [low, high]; a bucket's count is shared out by width. */
export function evenBins(entry, low, high, bins) {
  const out = new Array(bins).fill(0);
  const wide = (high - low) / bins || 1;
  for (const [left, right, count] of bucketsOf(entry)) {
    const a = Math.max(0, Math.min(bins - 1, Math.floor((left - low) / wide)));
    const b = Math.max(a, Math.min(bins - 1, Math.ceil((right - low) / wide) - 1));
    for (let k = a; k <= b; k++) {
      const share = right > left ? (Math.min(right, low + (k + 1) * wide) - Math.max(left, low + k * wide)) / (right - left) : 1;
      out[k] += count * Math.max(0, a === b ? 1 : share);
    }
  }
  return out;
}

/** All limits between the buckets of several histograms, ascending: the axis on which each bucket is as wide as any other. */
export function limitsOf(entries) {
  return [...new Set(entries.flatMap((entry) => bucketsOf(entry).flatMap(([left, right]) => [left, right])))].sort((a, b) => a - b);
}

/** The outline of a histogram in TensorFlow's buckets on those limits: [from, to, count], from and to being places in `limits`. */
export function onLimits(entry, limits) {
  const place = new Map(limits.map((v, i) => [v, i]));
  return bucketsOf(entry).map(([left, right, count]) => [place.get(left), Math.max(place.get(left) + 1, place.get(right)), count]);
}

/** Least and greatest value over histograms that hold any; [0, 1] when none does. */
export function rangeOf(entries) {
  const edges = entries.flatMap((e) => (number(e.num) > 0 ? [number(e.min), number(e.max)] : [])).filter((v) => Math.abs(v) < BIG);
  if (!edges.length) return [0, 1];
  const low = edges.reduce((a, b) => Math.min(a, b));
  const high = edges.reduce((a, b) => Math.max(a, b));
  return high > low ? [low, high] : [low - Math.max(Math.abs(low), 1) / 2, high + Math.max(Math.abs(high), 1) / 2];
}

/** At most `most` of a list, evenly, the last one always among them. */
export function thinned(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.round(((i + 1) * list.length) / most) - 1]);
}

export const mean = (entry) => number(entry.sum) / Math.max(1, number(entry.num));

/** The standard deviation of a histogram's values. */
export function deviation(entry) {
  const n = Math.max(1, number(entry.num));
  return Math.sqrt(Math.max(0, number(entry.sumSquares) / n - mean(entry) ** 2));
}
