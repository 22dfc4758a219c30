// Walking from box to box by keys: along edges, else to the nearest box in that direction; and through the boxes of one group.

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** The item to which an arrow key leads from `from` (null: nowhere yet), or null. placeOf(id) -> {x, y}. */
export function stepOf(view, placeOf, from, key) {
  const here = from === null ? null : placeOf(from);
  const closed = view.boxes.filter((b) => !b.open && b.id !== from).map((b) => b.id);
  if (!here) return closed.length ? closed[0] : null;
  const near = view.edges.flatMap((e) => (e.from === from ? [e.to] : e.to === from ? [e.from] : [])).filter((id) => id !== from);
  return best(near, here, placeOf, WAYS[key]) ?? best(closed, here, placeOf, WAYS[key]);
}

function best(ids, here, placeOf, [dx, dy]) {
  let found = null;
  let least = Infinity;
  for (const id of ids) {
    const place = placeOf(id);
    if (!place) continue;
    const along = (place.x - here.x) * dx + (place.y - here.y) * dy;
    const aside = Math.abs((place.x - here.x) * dy) + Math.abs((place.y - here.y) * dx);
    if (along > 1 && along + 2 * aside < least) [found, least] = [id, along + 2 * aside];
  }
  return found;
}

/** The next (or, delta -1, the last) box in the group of `from`; null at its end. */
export function siblingOf(view, from, delta) {
  const box = view.boxes.find((b) => b.id === from);
  const row = view.boxes.filter((b) => b.parent === (box ? box.parent : view.root));
  const at = box ? row.indexOf(box) + delta : delta > 0 ? 0 : row.length - 1;
  return row[at] ? row[at].id : null;
}
