// Series of scalars as numbers: axes, smoothing, what is not finite, summaries. Knows no page, so that tests run it alone.

/** Colours (CSS variables --run0 to --run7) and dashes by the run's place in the list: 32 different looks. */
export const COLORS = 8;
export const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

export const lookOf = (at) => ({ color: `--run${at % COLORS}`, dash: DASHES[(at + Math.floor(at / COLORS)) % DASHES.length] });

/** A number from JSON, where NaN and the infinities are words. */
export const number = (v) => (typeof v === "number" ? v : v === "NaN" ? NaN : v === "Infinity" ? Infinity : -Infinity);

/** A value in at most about seven letters. */
export const short = (v) => (v !== 0 && (Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3) ? v.toExponential(Number.isInteger(Math.log10(Math.abs(v))) ? 0 : 2) : String(Number(v.toPrecision(4))));

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

/** Exponential smoothing without the bias of the first value; what is not finite is passed over. */
export function smooth(values, weight) {
  let mean = 0;
  let total = 0;
  return values.map((v) => {
    if (!Number.isFinite(v)) return v;
    mean = mean * weight + v * (1 - weight);
    total = total * weight + (1 - weight);
    return mean / total;
  });
}

function place(one, axis) {
  if (axis === "step") return one.steps;
  return axis === "wall" ? one.wall : one.wall.map((v) => v - one.wall[0]);
}

const WORDS = (v) => (Number.isNaN(v) ? "NaN" : v === Infinity ? "+∞" : v === -Infinity ? "−∞" : "≤ 0");

/**
 * A run's series as it is drawn: {run, x, raw, line, marks, gaps, left}. x ascends; raw and line (smoothed) hold null where
 * there is nothing to draw; marks: [x, word] of those places; gaps: [from, to] without any value; left: points that a log axis leaves out.
 */
export function curve(one, { axis = "step", smoothing = 0, logX = false, logY = false } = {}) {
  const at = place(one, axis);
  const rows = one.values.map((v, i) => [at[i], number(v)]).filter(([x]) => !logX || x > 0);
  rows.sort((a, b) => a[0] - b[0]);
  const fine = (v) => Number.isFinite(v) && !(logY && v <= 0);
  const values = rows.map(([, v]) => (fine(v) ? v : null));
  const smoothed = smooth(values.map((v) => (v === null ? NaN : v)), smoothing).map((v) => (fine(v) ? v : null));
  return {
    run: one.run,
    x: rows.map(([x]) => x),
    raw: values,
    line: smoothed,
    marks: rows.filter(([, v]) => !fine(v)).map(([x, v]) => [x, WORDS(v)]),
    gaps: gapsOf(rows, values),
    left: one.values.length - rows.length,
  };
}

function gapsOf(rows, values) {
  const out = [];
  let last = null;
  values.forEach((v, i) => {
    if (v === null) return;
    if (last !== null && i > last + 1) out.push([rows[last][0], rows[i][0]]);
    last = i;
  });
  return out;
}

/** Curves on one ascending axis, as uPlot takes them: [x, raw 0, line 0, raw 1, ...]; undefined where a curve has no point, null at a gap. */
export function aligned(curves) {
  const xs = [...new Set(curves.flatMap((c) => c.x))].sort((a, b) => a - b);
  const row = new Map(xs.map((x, i) => [x, i]));
  const spread = (c, values) => {
    const out = new Array(xs.length);
    c.x.forEach((x, i) => (out[row.get(x)] = values[i]));
    return out;
  };
  return [xs, ...curves.flatMap((c) => [spread(c, c.raw), spread(c, c.line)])];
}

/** A sentence per curve, for people who do not see the chart. */
export function summary(curves, title = (run) => run) {
  return curves.map((c) => {
    const fine = c.raw.filter((v) => v !== null);
    const odd = c.marks.length ? `, ${c.marks.length} not drawn (${[...new Set(c.marks.map(([, word]) => word))].join(", ")})` : "";
    if (!fine.length) return `${title(c.run)}: no finite values${odd}`;
    const most = fine.reduce((a, b) => Math.max(a, b));
    const least = fine.reduce((a, b) => Math.min(a, b));
    return `${title(c.run)}: ${c.raw.length} points, from ${short(fine[0])} to ${short(fine[fine.length - 1])}, least ${short(least)}, most ${short(most)}${odd}`;
  }).join("; ");
}

/** Rows for a table or a file: [run, step, wall, value]. */
export function rowsOf(series, title = (run) => run) {
  return series.flatMap((one) => one.steps.map((step, i) => [title(one.run), step, one.wall[i], one.values[i]]));
}

/** Series as CSV; a name that a spreadsheet takes for a formula gets an apostrophe. */
export function csv(series, title = (run) => run) {
  const cell = (v) => {
    const text = typeof v === "string" && /^[=+\-@\t\r]/.test(v) && !/^-?Infinity$/.test(v) ? "'" + v : String(v);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = series.flatMap((one) => rowsOf([one], title).map(([run, ...rest]) => [run, one.tag, ...rest]));
  return [["run", "tag", "step", "wall_time", "value"], ...rows].map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
}
