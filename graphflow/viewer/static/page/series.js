// Series of scalars as numbers: axes, smoothing, what is not finite, ranges, summaries. Knows no page, so that tests run it alone.
//
// A series comes from the server (or the file) as arrays: step, wall and value of each point; where it was thinned, of each pixel,
// with low, high, mean and count of the points in it, and `odd`: 1 NaN, 2 +infinity, 4 -infinity were among them.

/** A number from JSON, where NaN and the infinities are words. */
export const number = (v) => (typeof v === "number" ? v : v === "NaN" ? NaN : v === "Infinity" ? Infinity : -Infinity);

/** A value in at most about seven letters. */
export const short = (v) => (!Number.isFinite(v) ? wordOf(v) : v !== 0 && (Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3) ? v.toExponential(Number.isInteger(Math.log10(Math.abs(v))) ? 0 : 2) : String(Number(v.toPrecision(4))));

/** Round values from low to high, about `count` of them. */
export function ticks(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * base).find((v) => v >= raw);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return out;
}

/**
 * Exponential smoothing without the bias of the first value; what is not finite is passed over. counts: how many points each value is the
 * mean of: it weighs as much as they would, so the line does not depend on how finely a series was thinned.
 */
export function smooth(values, weight, counts = null) {
  const out = new Float64Array(values.length);
  let mean = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) {
      out[i] = v;
      continue;
    }
    const w = counts ? weight ** counts[i] : weight;
    mean = mean * w + v * (1 - w);
    total = total * w + (1 - w);
    out[i] = mean / total;
  }
  return out;
}

const wordOf = (v) => (Number.isNaN(v) ? "NaN" : v === Infinity ? "+∞" : "−∞");
const ODD = [[1, "NaN"], [2, "+∞"], [4, "−∞"]];

function place(one, axis) {
  if (axis === "step") return one.step;
  return axis === "wall" ? one.wall : Float64Array.from(one.wall, (v) => v - one.start);
}

/**
 * A run's series as it is drawn: {run, x, step, wall, value, low, high, line, marks, gaps, left, total}. x ascends; line: the smoothed
 * value, or the value itself; NaN where there is nothing to draw; low and high are null where nothing was thinned. marks: [x, word] of
 * what is no number; gaps: [from, to] without any value; left: points without a place on the axes.
 */
export function curve(one, { axis = "step", smoothing = 0, logX = false, logY = false } = {}) {
  const all = place(one, axis);
  let first = 0;
  if (logX) while (first < all.length && !(all[first] > 0)) first++;
  const cut = (array) => (first && array ? array.subarray(first) : array || null);
  const x = cut(all);
  const values = cut(one.value);
  const fine = (v) => Number.isFinite(v) && !(logY && v <= 0);
  const value = Float64Array.from(values, (v) => (fine(v) ? v : NaN));
  const means = cut(one.mean);
  const line = smoothing > 0 ? smooth(means ? Float64Array.from(means, (v) => (fine(v) ? v : NaN)) : value, smoothing, cut(one.count)) : value;
  const marks = [];
  const odd = cut(one.odd);
  for (let i = 0; i < x.length; i++) {
    if (odd) for (const [bit, word] of ODD) if (odd[i] & bit) marks.push([x[i], word]);
    if (!odd && !fine(values[i])) marks.push([x[i], Number.isFinite(values[i]) ? "≤ 0" : wordOf(values[i])]);
  }
  return { run: one.run, x, step: cut(one.step), wall: cut(one.wall), start: one.start, value, low: cut(one.low), high: cut(one.high), line, marks, gaps: gapsOf(x, value), left: (one.left || 0) + first, total: one.total };
}

function gapsOf(x, value) {
  const out = [];
  let last = -1;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(value[i])) continue;
    if (last >= 0 && i > last + 1) out.push([x[last], x[i]]);
    last = i;
  }
  return out;
}

/** Least and greatest value over curves between two places; outliers: without the extreme twentieth at either end. Null without any. */
export function valueRange(curves, window, { outliers = false, logY = false } = {}) {
  const values = [];
  let low = Infinity;
  let high = -Infinity;
  for (const c of curves) {
    for (let i = 0; i < c.x.length; i++) {
      if ((window && (c.x[i] < window[0] || c.x[i] > window[1])) || Number.isNaN(c.value[i])) continue;
      const a = c.low && !outliers ? c.low[i] : c.value[i];
      const b = c.high && !outliers ? c.high[i] : c.value[i];
      if (outliers) values.push(c.value[i]);
      if (a < low && !(logY && a <= 0)) low = a;
      if (b > high) high = b;
    }
  }
  if (outliers && values.length > 10) {
    values.sort((p, q) => p - q);
    low = values[Math.floor(values.length * 0.05)];
    high = values[Math.ceil(values.length * 0.95) - 1];
  }
  return low <= high ? [low, high] : null;
}

/** The range with room around it. */
export function roomy([low, high], log) {
  if (log) return low === high ? [low / 2, high * 2] : [low / (high / low) ** 0.05, high * (high / low) ** 0.05];
  const room = high > low ? (high - low) * 0.06 : Math.max(Math.abs(low), 1) / 2;
  return [low - room, high + room];
}

/** The point of a curve nearest to a place: its index, or -1; a place beyond the curve's ends has none. */
export function nearest(c, x) {
  let a = 0;
  let b = c.x.length - 1;
  if (b < 0) return -1;
  while (a < b) {
    const m = (a + b) >> 1;
    if (c.x[m] < x) a = m + 1;
    else b = m;
  }
  const at = a > 0 && Math.abs(c.x[a - 1] - x) <= Math.abs(c.x[a] - x) ? a - 1 : a;
  const room = c.x.length > 1 ? (c.x[c.x.length - 1] - c.x[0]) / (c.x.length - 1) : Infinity;
  return x < c.x[0] - room || x > c.x[c.x.length - 1] + room ? -1 : at;
}

/** A sentence per curve, for people who do not see the chart. */
export function summary(curves, title = (run) => run) {
  return curves.map((c) => {
    const counts = new Map();
    for (const [, word] of c.marks) counts.set(word, (counts.get(word) || 0) + 1);
    const odd = counts.size ? `, not drawn: ${[...counts].map(([word, n]) => `${n} ${word}`).join(", ")}` : "";
    let first = NaN;
    let last = NaN;
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < c.value.length; i++) {
      if (Number.isNaN(c.value[i])) continue;
      if (Number.isNaN(first)) first = c.value[i];
      last = c.value[i];
      least = Math.min(least, c.low ? c.low[i] : last);
      most = Math.max(most, c.high ? c.high[i] : last);
    }
    if (Number.isNaN(first)) return `${title(c.run)}: no finite values${odd}`;
    return `${title(c.run)}: ${c.total} points, from ${short(first)} to ${short(last)}, least ${short(least)}, most ${short(most)}${odd}`;
  }).join("; ");
}
