// Keys: everything that a pointer does, without one.

const NUDGE = 16;
const FAR = 64;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function pressedKey(ed, event) {
  if (event.target.closest("input, textarea, select")) return event.stopPropagation();
  const command = event.ctrlKey || event.metaKey;
  const done = command ? commandKey(ed, event) : plainKey(ed, event);
  if (done) event.preventDefault();
  return event.stopPropagation();
}

function commandKey(ed, event) {
  const key = event.key.toLowerCase();
  if (key === "z") ed.line.gesture({ kind: event.shiftKey ? "redo" : "undo" });
  else if (key === "y") ed.line.gesture({ kind: "redo" });
  else return false;
  return true;
}

function plainKey(ed, event) {
  const thing = focusedThing(ed);
  if (event.key === "Escape") return escaped(ed);
  if (event.key in WAYS && ed.stage.contains(event.target)) return nudged(ed, thing, event);
  if (thing) return thingKey(ed, thing, event);
  const keys = { "+": () => zoomed(ed, 1.25), "=": () => zoomed(ed, 1.25), "-": () => zoomed(ed, 0.8), 0: () => fit(ed),
    "/": () => ed.find.focus(), "?": () => keysPanel(ed) };
  if (!(event.key in keys) || !ed.stage.contains(event.target)) return false;
  keys[event.key]();
  return true;
}

function thingKey(ed, thing, event) {
  const element = elementOf(ed, thing);
  const menu = event.key === "Enter" || event.key === " " || event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
  if (menu) menuOf(ed, thing, element);
  else if (event.key === "Delete" || event.key === "Backspace") removeThing(ed, thing);
  else if (event.key === "F2" && thing.node !== undefined) renamePanel(ed, thing.node);
  else if (event.key === "c" && thing.node !== undefined) connectMenu(ed, thing.node, element);
  else if (event.key === "a" && thing.node !== undefined) after(ed, thing.node, beside(ed, nodeOf(ed, thing.node)));
  else if (event.key === "l" && thing.arrow !== undefined) limitsPanel(ed, thing.arrow);
  else if (event.key === "/") ed.find.focus();
  else return false;
  return true;
}

function escaped(ed) {
  hideTip(ed);
  ed.pending = null;
  if (!ed.panel.hidden) closePanel(ed);
  else {
    select(ed, null);
    ed.stage.focus({ preventScroll: true });
  }
  return true;
}

// Presses that follow each other are one move, sent before whatever else is done.
function settled(ed) {
  if (!ed.nudge) return;
  const { node, timer } = ed.nudge;
  clearTimeout(timer);
  ed.nudge = null;
  ed.line.gesture({ kind: "move", places: { [node.id]: node.place } });
}

// Arrow keys move the box that is focused, else the ground.
function nudged(ed, thing, event) {
  const step = event.shiftKey ? FAR : NUDGE;
  const [x, y] = WAYS[event.key].map((n) => n * step);
  if (thing && thing.node !== undefined) {
    const node = nodeOf(ed, thing.node);
    node.place = [node.place[0] + x, node.place[1] + y];
    shifted(ed, node);
    if (ed.nudge && ed.nudge.node !== node) settled(ed);
    else if (ed.nudge) clearTimeout(ed.nudge.timer);
    ed.nudge = { node, timer: setTimeout(() => settled(ed), 400) };
  } else {
    ed.pan = [ed.pan[0] - x * 2, ed.pan[1] - y * 2];
    moved(ed);
  }
  return true;
}
