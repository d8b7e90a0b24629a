// A view of the editor: put together, told of every new picture, and taken apart without a trace.

let views = 0;

function built(ed) {
  stageOf(ed);
  const bar = barOf(ed);
  const body = make("div", { class: "wbc-body" }, listOf(ed), ed.stage, panelOf(ed));
  ed.root = make("div", { class: "wbc", "data-lm-suppress-shortcuts": "true", keydown: (event) => pressedKey(ed, event) },
    bar, body, footOf(ed), tipOf(ed));
  ed.el.append(ed.root);
}

function wired(ed) {
  ed.stage.addEventListener("pointerdown", (event) => pressedStage(ed, event));
  ed.stage.addEventListener("pointerover", (event) => hovered(ed, event));
  ed.stage.addEventListener("pointerleave", () => hideTip(ed));
  ed.stage.addEventListener("wheel", (event) => wheeled(ed, event), { passive: false });
  ed.stage.addEventListener("dblclick", (event) => doubled(ed, event));
  ed.things.addEventListener("focusin", (event) => focusedIn(ed, event));
  ed.root.addEventListener("contextmenu", (event) => righted(ed, event));
  // The notebook would take the focus away from what was pressed.
  for (const name of ["mousedown", "click"]) ed.stage.addEventListener(name, (event) => event.stopPropagation());
  ed.root.addEventListener("pointerdown", (event) => {
    if (ed.menu && !ed.menu.menu.contains(event.target)) closeMenu(ed);
  }, true);
}

function focusedIn(ed, event) {
  const thing = thingAt(event.target);
  const element = elementOf(ed, thing);
  if (!thing || !element || ed.dragging) return;
  select(ed, thing);
  if (event.target.matches(":focus-visible")) {
    inSight(ed, element);
    showTip(ed, thing);
  }
}

function wheeled(ed, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const frame = ed.stage.getBoundingClientRect();
  zoomAt(ed, Math.exp(-event.deltaY / 300), event.clientX - frame.left, event.clientY - frame.top);
}

function doubled(ed, event) {
  const thing = thingAt(event.target);
  if (thing && thing.node !== undefined) renamePanel(ed, thing.node);
  if (thing && thing.arrow !== undefined) limitsPanel(ed, thing.arrow);
}

function righted(ed, event) {
  const thing = ed.stage.contains(event.target) ? thingAt(event.target) : null;
  event.stopPropagation();
  if (!thing) return;
  event.preventDefault();
  menuOf(ed, thing, [event.clientX, event.clientY]);
}

// A box that was moved stays there while the kernel has yet to hear of it.
function onTheWay(ed, picture) {
  for (const gesture of ed.line.waiting.filter(({ kind }) => kind === "move")) {
    for (const node of picture.nodes) node.place = gesture.places[node.id] || node.place;
  }
  return picture;
}

function pictured(ed) {
  const first = !ed.picture;
  const picture = structuredClone(ed.model.get("picture"));
  if (ed.dragging && !first) return;
  ed.picture = onTheWay(ed, picture);
  if (ed.selected && ed.selected.node !== undefined && !nodeOf(ed, ed.selected.node)) ed.selected = null;
  if (ed.selected && ed.selected.arrow >= picture.arrows.length) ed.selected = null;
  setFields(ed);
  draw(ed);
  setBar(ed);
  setFoot(ed);
  if (first) moved(ed);
}

function told(ed, answer) {
  if (answer.to !== ed.key) return;
  if (answer.problem) tell(ed, answer.problem, true);
  ed.line.heard(answer);
}

// The widget manager marks a view whose kernel is gone; a model may also say so itself.
function watched(ed) {
  const check = () => {
    const gone = ed.el.closest(".jupyter-widgets-disconnected") || ed.el.querySelector(":scope > .jupyter-widgets-disconnected");
    if (gone) ed.line.died();
  };
  const observer = new MutationObserver(check);
  for (let at = ed.el, n = 0; at && n < 3; at = at.parentElement, n += 1) {
    observer.observe(at, { attributes: true, attributeFilter: ["class"] });
  }
  return () => observer.disconnect();
}

function shownFirst(ed) {
  const resize = new ResizeObserver(() => {
    if (!ed.stage.clientWidth) return;
    if (!ed.fitted) fit(ed, LEAST_AT_FIRST);
    ed.fitted = true;
  });
  resize.observe(ed.stage);
  return () => resize.disconnect();
}

function render({ model, el }) {
  views += 1;
  const key = `wbc${Date.now().toString(36)}${views}`;
  const ed = { model, el, key, words: model.get("words"), picture: null, lines: [], selected: null, menu: null,
    dragging: null, nudge: null, pending: null, frame: 0, fitted: false };
  ed.line = new Line((content) => model.send({ view: key, ...content }), () => ed.sign && setSign(ed), () => settled(ed));
  built(ed);
  wired(ed);
  const changed = () => pictured(ed);
  const heard = (content) => told(ed, content);
  model.on("change:picture", changed);
  model.on("msg:custom", heard);
  const ends = [watched(ed), shownFirst(ed)];
  pictured(ed);
  search(ed);
  return () => {
    model.off("change:picture", changed);
    model.off("msg:custom", heard);
    ed.line.landed();
    for (const end of ends) end();
  };
}

export default { render };
