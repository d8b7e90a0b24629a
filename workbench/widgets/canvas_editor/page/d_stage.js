// The canvas: draws the picture, remembers what is selected, pans and zooms.

const THIN = 1.4;
const THICK = 6.5;
const ZOOM = [0.12, 2];
const FAR_OFF = 0.42;
const LEAST_AT_FIRST = 0.55;

function stageOf(ed) {
  const arrows = makeSvg("svg", { class: "wbc-arrows", "aria-hidden": "true" });
  const things = make("div", { class: "wbc-things" });
  const world = make("div", { class: "wbc-world" }, arrows, things);
  const hint = make("p", { class: "wbc-hint" });
  const stage = make(
    "div",
    { class: "wbc-stage", tabindex: 0, role: "application", "aria-label": ed.words.stage },
    world,
    hint,
  );
  return Object.assign(ed, { stage, world, arrows, things, hint, pan: [40, 40], zoom: 1 });
}

function draw(ed) {
  const focused = focusedThing(ed);
  ed.lines = routes(ed.picture);
  drawArrows(ed);
  drawThings(ed);
  say(ed.hint, ed.picture.nodes.length ? "" : ed.picture.headline);
  refocus(ed, focused);
  mark(ed);
}

function drawArrows(ed) {
  ed.arrows.replaceChildren(arrowHeads(ed), ...ed.lines.flatMap((line, n) => arrowLines(ed, line, n)));
}

function arrowHeads(ed) {
  const head = makeSvg(
    "marker",
    { id: `${ed.key}-head`, viewBox: "0 0 10 10", refX: 0, refY: 5, markerWidth: 10, markerHeight: 10,
      markerUnits: "userSpaceOnUse", orient: "auto" },
    makeSvg("path", { d: "M 0 0 L 10 5 L 0 10 z", class: "wbc-head" }),
  );
  return makeSvg("defs", {}, head);
}

function arrowLines(ed, { arrow, curve }, n) {
  const d = pathOf(curve);
  const width = THIN + (THICK - THIN) * arrow.weight;
  const shown = makeSvg("path", {
    d, class: arrow.repeat ? "wbc-arrow wbc-back" : "wbc-arrow", "stroke-width": width.toFixed(2),
    "marker-end": `url(#${ed.key}-head)`, "data-arrow": n,
  });
  return [shown, makeSvg("path", { d, class: "wbc-reach", "data-arrow": n })];
}

function drawThings(ed) {
  const leaving = new Map();
  ed.lines.forEach((line, n) => {
    if (!leaving.has(line.arrow.from)) leaving.set(line.arrow.from, []);
    leaving.get(line.arrow.from).push(labelThing(ed, line, n));
  });
  const things = ed.picture.nodes.flatMap((node) => [nodeThing(ed, node), ...(leaving.get(node.id) || [])]);
  ed.things.replaceChildren(...things);
}

function nodeThing(ed, node) {
  const classes = ["wbc-node"];
  if (node.excluded) classes.push("wbc-excluded");
  if (node.problem) classes.push("wbc-wrong");
  if (!ed.picture.fresh) classes.push("wbc-stale");
  const said = [node.label, ...node.lines.map((line) => line[1]), node.problem].filter(Boolean).join(", ");
  return make(
    "div",
    { class: classes.join(" "), tabindex: 0, role: "button", "aria-haspopup": "menu", "aria-label": said,
      "data-node": node.id, style: placed(node.place, ed.picture.box) },
    make("div", { class: "wbc-name" }, ...breakable(node.label)),
    ...node.lines.map(([kind, text]) => make("div", { class: `wbc-${kind}`, text: kind === "fallout" ? `▽ ${text}` : text })),
    node.problem ? make("div", { class: "wbc-problem", text: `⚠ ${ed.words.wrong}` }) : null,
    button("⋯", (event) => { event.stopPropagation(); nodeMenu(ed, node.id, event.target); },
      { class: "wbc-more", tabindex: -1, "aria-label": ed.words.actions }),
    make("div", { class: "wbc-port", title: ed.words.port, "data-port": node.id }),
  );
}

function placed([x, y], [width, height]) {
  return `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
}

function labelThing(ed, { arrow, label }, n) {
  const texts = labelLines(arrow);
  return make(
    "div",
    { class: ed.picture.fresh ? "wbc-label" : "wbc-label wbc-stale", tabindex: 0, role: "button",
      "aria-haspopup": "menu", "data-arrow": n,
      "aria-label": `${nameOf(ed, arrow.from)} → ${nameOf(ed, arrow.to)}, ${texts.join(", ")}`,
      style: placed([label.x, label.y], [label.width, label.height]) },
    ...(texts.length ? texts : ["⋯"]).map((text) => make("span", { text })),
  );
}

function nodeOf(ed, id) {
  return ed.picture.nodes.find((node) => node.id === id);
}

function nameOf(ed, id) {
  const node = nodeOf(ed, id);
  return node ? node.label : id;
}

function thingAt(element) {
  const found = element && element.closest ? element.closest("[data-node],[data-arrow]") : null;
  if (!found) return null;
  if (found.hasAttribute("data-node")) return { node: found.getAttribute("data-node") };
  return { arrow: Number(found.getAttribute("data-arrow")) };
}

function same(one, other) {
  return Boolean(one && other && one.node === other.node && one.arrow === other.arrow);
}

function elementOf(ed, thing) {
  if (!thing) return null;
  const key = thing.node === undefined ? `[data-arrow="${thing.arrow}"]` : `[data-node="${CSS.escape(thing.node)}"]`;
  return ed.things.querySelector(key);
}

function focusedThing(ed) {
  return ed.things.contains(document.activeElement) ? thingAt(document.activeElement) : null;
}

function refocus(ed, thing) {
  const element = elementOf(ed, thing);
  if (element) element.focus({ preventScroll: true });
  else if (thing) ed.stage.focus({ preventScroll: true });
}

function select(ed, thing) {
  ed.selected = thing;
  mark(ed);
}

function mark(ed) {
  for (const element of ed.things.children) {
    element.classList.toggle("wbc-selected", same(thingAt(element), ed.selected));
  }
}

function moved(ed) {
  ed.world.style.transform = `translate(${ed.pan[0]}px, ${ed.pan[1]}px) scale(${ed.zoom})`;
  ed.stage.classList.toggle("wbc-far", ed.zoom < FAR_OFF);
}

function zoomAt(ed, factor, x, y) {
  const zoom = near(ed.zoom * factor, ...ZOOM);
  ed.pan = [x - ((x - ed.pan[0]) * zoom) / ed.zoom, y - ((y - ed.pan[1]) * zoom) / ed.zoom];
  ed.zoom = zoom;
  moved(ed);
}

function zoomed(ed, factor) {
  zoomAt(ed, factor, ed.stage.clientWidth / 2, ed.stage.clientHeight / 2);
}

// All of the picture; at first no smaller than can be read, from its upper left on.
function fit(ed, least = ZOOM[0]) {
  const [width, height] = [ed.stage.clientWidth, ed.stage.clientHeight];
  if (!width || !ed.picture.nodes.length) return;
  const box = bounds(ed.picture, ed.lines);
  ed.zoom = near(Math.min((width - 48) / box.width, (height - 48) / box.height), least, 1);
  ed.pan = [
    Math.max(24, (width - box.width * ed.zoom) / 2) - box.x * ed.zoom,
    Math.max(24, (height - box.height * ed.zoom) / 2) - box.y * ed.zoom,
  ];
  moved(ed);
}

// Brings a thing into sight when it is focused outside of it.
function inSight(ed, element) {
  const own = element.getBoundingClientRect();
  const frame = ed.stage.getBoundingClientRect();
  const right = ed.panel.hidden ? frame.right : Math.min(frame.right, ed.panel.getBoundingClientRect().left);
  const dx = near(0, frame.left + 12 - own.left, right - 12 - own.right);
  const dy = near(0, frame.top + 12 - own.top, frame.bottom - 12 - own.bottom);
  if (!dx && !dy) return;
  ed.pan = [ed.pan[0] + dx, ed.pan[1] + dy];
  moved(ed);
}

function worldAt(ed, x, y) {
  const frame = ed.stage.getBoundingClientRect();
  return [(x - frame.left - ed.pan[0]) / ed.zoom, (y - frame.top - ed.pan[1]) / ed.zoom];
}
