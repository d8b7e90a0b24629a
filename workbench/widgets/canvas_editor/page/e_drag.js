// Dragging with a pointer: boxes, arrows from a port, the ground, and items of a list.

const STILL = 4;

// Follows a pointer from its first press: begins after a few pixels, ends once.
function follow(event, { begin, move, end, click, cancel }) {
  const start = [event.clientX, event.clientY];
  let dragging = false;
  const moving = (next) => {
    if (next.pointerId !== event.pointerId) return;
    if (!dragging && Math.hypot(next.clientX - start[0], next.clientY - start[1]) < STILL) return;
    if (!dragging && begin) begin(next);
    dragging = true;
    move(next, next.clientX - start[0], next.clientY - start[1]);
  };
  const stop = (next, done) => {
    if (next.pointerId !== undefined && next.pointerId !== event.pointerId) return;
    for (const [name, heard] of heards) window.removeEventListener(name, heard, true);
    if (done && dragging) end(next);
    else if (done && click) click(next);
    else if (!done && cancel) cancel();
  };
  const escape = (next) => {
    if (next.key !== "Escape") return;
    next.stopPropagation();
    stop({}, false);
  };
  const heards = [
    ["pointermove", moving],
    ["pointerup", (next) => stop(next, true)],
    ["pointercancel", (next) => stop(next, false)],
    ["keydown", escape],
  ];
  for (const [name, heard] of heards) window.addEventListener(name, heard, true);
}

function pressedStage(ed, event) {
  if (event.button !== 0 || event.target.closest("button")) return;
  closeMenu(ed);
  hideTip(ed);
  event.preventDefault();
  const port = event.target.getAttribute("data-port");
  if (port !== null) return dragArrow(ed, event, port);
  const thing = thingAt(event.target);
  if (thing && thing.node !== undefined) return dragNode(ed, event, thing);
  if (thing) return follow(event, { move() {}, end() {}, click: () => clicked(ed, thing) });
  return dragGround(ed, event);
}

function clicked(ed, thing) {
  select(ed, thing);
  refocus(ed, thing);
}

function dragGround(ed, event) {
  const from = [...ed.pan];
  ed.stage.focus({ preventScroll: true });
  follow(event, {
    move: (next, dx, dy) => { ed.pan = [from[0] + dx, from[1] + dy]; moved(ed); },
    end() {},
    click: () => select(ed, null),
  });
}

function dragNode(ed, event, thing) {
  const node = nodeOf(ed, thing.node);
  const from = [...node.place];
  follow(event, {
    begin: () => { ed.dragging = thing.node; select(ed, thing); },
    move: (next, dx, dy) => {
      node.place = [Math.round(from[0] + dx / ed.zoom), Math.round(from[1] + dy / ed.zoom)];
      shifted(ed, node);
    },
    end: () => { ed.dragging = null; ed.line.gesture({ kind: "move", places: { [node.id]: node.place } }); },
    click: () => clicked(ed, thing),
    cancel: () => { ed.dragging = null; pictured(ed); },
  });
}

// While a box is dragged, once for each picture of the screen: the box and all lines.
function shifted(ed, node) {
  if (ed.frame) return;
  ed.frame = requestAnimationFrame(() => {
    ed.frame = 0;
    ed.lines = routes(ed.picture);
    drawArrows(ed);
    const element = elementOf(ed, { node: node.id });
    if (element) element.setAttribute("style", placed(node.place, ed.picture.box));
    ed.lines.forEach(({ label }, n) => {
      const own = elementOf(ed, { arrow: n });
      if (own) own.setAttribute("style", placed([label.x, label.y], [label.width, label.height]));
    });
  });
}

function dragArrow(ed, event, from) {
  const box = boxOf(nodeOf(ed, from), ed.picture.box);
  const start = [box.x + box.width, box.y + box.height / 2];
  const line = makeSvg("path", { class: "wbc-arrow wbc-new", "marker-end": `url(#${ed.key}-head)` });
  const over = (next) => (thingAt(document.elementFromPoint(next.clientX, next.clientY)) || {}).node;
  const done = () => { line.remove(); target(ed, null); };
  follow(event, {
    begin: () => ed.arrows.append(line),
    move: (next) => {
      const [x, y] = worldAt(ed, next.clientX, next.clientY);
      line.setAttribute("d", `M ${start.join(" ")} L ${x} ${y}`);
      const node = over(next);
      target(ed, node !== undefined && node !== from ? { node } : null);
    },
    end: (next) => {
      done();
      const node = over(next);
      if (node === undefined) return after(ed, from, worldAt(ed, next.clientX, next.clientY));
      if (node !== from) ed.line.gesture({ kind: "connect", from, to: node });
      return null;
    },
    click: done,
    cancel: done,
  });
}

// An arrow that ends on the ground asks what should stand there.
function after(ed, from, [x, y]) {
  const place = [Math.round(x), Math.round(y - ed.picture.box[1] / 2)];
  ed.pending = { after: from, at: place };
  ed.find.focus();
  tell(ed, filled(ed.words.choose, { node: nameOf(ed, from) }));
}

function target(ed, thing) {
  for (const marked of ed.root.querySelectorAll(".wbc-target")) marked.classList.remove("wbc-target");
  if (!thing) return;
  const element = elementOf(ed, thing);
  if (element) element.classList.add("wbc-target");
  if (thing.arrow !== undefined) {
    ed.arrows.querySelector(`.wbc-arrow[data-arrow="${thing.arrow}"]`).classList.add("wbc-target");
  }
}

function dragItem(ed, event, item) {
  if (event.button !== 0) return;
  event.preventDefault();
  const ghost = make("div", { class: "wbc-ghost" });
  const under = (next) => document.elementFromPoint(next.clientX, next.clientY);
  const done = () => { ghost.remove(); target(ed, null); };
  follow(event, {
    begin: () => ed.root.append(ghost),
    move: (next) => {
      const frame = ed.root.getBoundingClientRect();
      ghost.style.left = `${next.clientX - frame.left + 10}px`;
      ghost.style.top = `${next.clientY - frame.top + 10}px`;
      const thing = ed.stage.contains(under(next)) ? thingAt(under(next)) : null;
      target(ed, thing);
      say(ghost, `${item.label} — ${purpose(ed, item, thing, ed.stage.contains(under(next)))}`);
    },
    end: (next) => {
      done();
      if (!ed.stage.contains(under(next))) return;
      const [x, y] = worldAt(ed, next.clientX, next.clientY);
      const [width, height] = ed.picture.box;
      dropped(ed, item, thingAt(under(next)), [Math.round(x - width / 2), Math.round(y - height / 2)]);
    },
    click: () => { done(); chosen(ed, item, event.target); },
    cancel: done,
  });
}

function purpose(ed, item, thing, inside) {
  if (!inside) return ed.words.dropHere;
  if (thing && thing.node !== undefined) {
    const words = item.dimension ? ed.words.breakDown : ed.words.combine;
    return filled(words, { node: nameOf(ed, thing.node) });
  }
  if (thing) return filled(item.dimension ? ed.words.topBetween : ed.words.insert, arrowWords(ed, thing.arrow));
  return item.dimension ? ed.words.topAnywhere : ed.words.addHere;
}

function arrowWords(ed, number) {
  const arrow = ed.picture.arrows[number];
  return { from: nameOf(ed, arrow.from), to: nameOf(ed, arrow.to) };
}

function pairOf(ed, number) {
  const arrow = ed.picture.arrows[number];
  return [arrow.from, arrow.to];
}

// What a drop means: on the ground a box, on a box combined with it, on an arrow between its ends.
function dropped(ed, item, thing, at) {
  if (item.dimension) return droppedDimension(ed, item.dimension, thing);
  if (thing && thing.node !== undefined) {
    return ed.line.gesture({ kind: "combine", node: thing.node, part: item.part });
  }
  if (thing) return ed.line.gesture({ kind: "insert", arrow: pairOf(ed, thing.arrow), part: item.part });
  return ed.line.gesture({ kind: "add", part: item.part, at });
}

function droppedDimension(ed, dimension, thing) {
  if (thing && thing.node !== undefined) return breakdownPanel(ed, { node: thing.node }, dimension);
  if (thing) return ed.line.gesture({ kind: "top", side: "between", of: pairOf(ed, thing.arrow), dimension });
  return ed.line.gesture({ kind: "top", side: "anywhere", dimension });
}

// An item that was chosen without dragging: after what waits for it, else what is offered.
function chosen(ed, item, anchor) {
  if (ed.pending && item.part) {
    ed.line.gesture({ kind: "add", part: item.part, ...ed.pending });
    ed.pending = null;
    tell(ed, "");
    return ed.stage.focus({ preventScroll: true });
  }
  return itemMenu(ed, item, anchor);
}
