// Where arrows run between boxes, and where their labels stand.

const BENDS = [0, -70, 70, -140, 140, -230, 230];
const SAMPLES = 14;
const LABEL_PLACES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78];
const HEAD = 9;

function boxOf(node, size) {
  return { x: node.place[0], y: node.place[1], width: size[0], height: size[1] };
}

function meets(one, other, gap = 0) {
  return (
    one.x < other.x + other.width + gap &&
    other.x < one.x + one.width + gap &&
    one.y < other.y + other.height + gap &&
    other.y < one.y + one.height + gap
  );
}

function sideOf(source, target, back) {
  if (back) return "below";
  if (target.x >= source.x + source.width + 24) return "right";
  if (target.y >= source.y + source.height + 24) return "down";
  if (target.y + target.height + 24 <= source.y) return "up";
  return "right";
}

// The two ends of an arrow, each with the direction in which it leaves its box.
function endsOf(source, target, side, out, into) {
  const across = (box, share) => box.y + box.height * share;
  const along = (box, share) => box.x + box.width * share;
  if (side === "right") {
    return [
      { x: source.x + source.width, y: across(source, out), dx: 1, dy: 0 },
      { x: target.x - HEAD, y: across(target, into), dx: -1, dy: 0 },
    ];
  }
  if (side === "below") {
    const low = (box) => box.y + box.height;
    return [
      { x: along(source, 0.4), y: low(source), dx: 0, dy: 1 },
      { x: along(target, 0.6), y: low(target) + HEAD, dx: 0, dy: 1 },
    ];
  }
  const down = side === "down";
  return [
    { x: along(source, out), y: down ? source.y + source.height : source.y, dx: 0, dy: down ? 1 : -1 },
    { x: along(target, into), y: down ? target.y - HEAD : target.y + target.height + HEAD, dx: 0, dy: down ? -1 : 1 },
  ];
}

function curveOf([a, b], bend) {
  const far = Math.max(36, Math.min(190, Math.hypot(b.x - a.x, b.y - a.y) * 0.45));
  const shift = a.dx ? [0, bend] : [bend, 0];
  return [
    [a.x, a.y],
    [a.x + a.dx * far + shift[0], a.y + a.dy * far + shift[1]],
    [b.x + b.dx * far + shift[0], b.y + b.dy * far + shift[1]],
    [b.x, b.y],
  ];
}

function pointAt(curve, t) {
  const u = 1 - t;
  const weights = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  const sum = (axis) => curve.reduce((total, point, n) => total + point[axis] * weights[n], 0);
  return [sum(0), sum(1)];
}

function covered(curve, boxes) {
  let count = 0;
  for (let n = 1; n < SAMPLES; n += 1) {
    const [x, y] = pointAt(curve, n / SAMPLES);
    if (boxes.some((box) => x > box.x - 4 && x < box.x + box.width + 4 && y > box.y - 4 && y < box.y + box.height + 4)) count += 1;
  }
  return count;
}

function routed(ends, others) {
  let best = null;
  for (const bend of BENDS) {
    const curve = curveOf(ends, bend);
    const cost = covered(curve, others);
    if (!best || cost < best.cost) best = { curve, cost };
    if (!best.cost) break;
  }
  return best.curve;
}

// Shares of the side of a box at which its arrows leave or meet it, in the order of the other ends.
function spread(arrows, boxes, own, other) {
  const groups = new Map();
  arrows.forEach((arrow, n) => {
    const side = sideOf(boxes.get(arrow.from), boxes.get(arrow.to), arrow.repeat);
    const key = `${side === "right" ? "side" : side}:${arrow[own]}`;
    if (!groups.has(key)) groups.set(key, []);
    const box = boxes.get(arrow[other]);
    groups.get(key).push({ n, rank: side === "right" ? box.y : box.x });
  });
  const shares = [];
  for (const group of groups.values()) {
    group.sort((a, b) => a.rank - b.rank);
    group.forEach((item, place) => { shares[item.n] = (place + 1) / (group.length + 1); });
  }
  return shares;
}

function pathOf(curve) {
  const [a, b, c, d] = curve.map((point) => point.map((n) => n.toFixed(1)).join(" "));
  return `M ${a} C ${b}, ${c}, ${d}`;
}

function labelLines(arrow) {
  return [arrow.label, ...arrow.text.split("\n")].filter(Boolean);
}

function labelSize(arrow) {
  const lines = labelLines(arrow);
  const longest = Math.max(0, ...lines.map((line) => Math.min(17, line.length)));
  return [Math.max(22, longest * 6.6 + 12), Math.max(1, lines.length) * 16 + 4];
}

function labelled(curve, size, boxes, taken) {
  let fallback = null;
  for (const t of LABEL_PLACES) {
    const [x, y] = pointAt(curve, t);
    const spot = { x: x - size[0] / 2, y: y - size[1] / 2, width: size[0], height: size[1] };
    fallback = fallback || spot;
    if (!boxes.some((box) => meets(spot, box, 2)) && !taken.some((other) => meets(spot, other, 1))) {
      return spot;
    }
  }
  return fallback;
}

// Lines and labels of all arrows of a picture.
function routes(picture) {
  const boxes = new Map(picture.nodes.map((node) => [node.id, boxOf(node, picture.box)]));
  const all = [...boxes.values()];
  const outs = spread(picture.arrows, boxes, "from", "to");
  const ins = spread(picture.arrows, boxes, "to", "from");
  const taken = [];
  return picture.arrows.map((arrow, n) => {
    const source = boxes.get(arrow.from);
    const target = boxes.get(arrow.to);
    const side = sideOf(source, target, arrow.repeat);
    const ends = endsOf(source, target, side, outs[n], ins[n]);
    const way = hull(ends);
    const others = all.filter((box) => box !== source && box !== target && meets(box, way, 8));
    const curve = arrow.repeat ? curveOf(ends, 0) : routed(ends, others);
    const label = labelled(curve, labelSize(arrow), all.filter((box) => meets(box, way, 60)), taken);
    taken.push(label);
    return { arrow, curve, label };
  });
}

function hull([a, b]) {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y) - 190;
  return { x, y, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) + 380 };
}

function bounds(picture, lines) {
  const boxes = [...picture.nodes.map((node) => boxOf(node, picture.box)), ...lines.map((line) => line.label)];
  if (!boxes.length) return { x: 0, y: 0, width: 1, height: 1 };
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const low = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: low - y };
}
