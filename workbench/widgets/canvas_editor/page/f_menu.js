// Menus of boxes, arrows and items; each opens by a pointer, by a button and by a key.

function openMenu(ed, title, items, anchor) {
  closeMenu(ed);
  hideTip(ed);
  const entries = items.filter(Boolean).map(([text, run]) => button(text, () => { closeMenu(ed, true); run(); },
    { role: "menuitem", class: "wbc-entry", tabindex: -1 }));
  const menu = make("div", { class: "wbc-menu", role: "menu", "aria-label": title, keydown: (event) => menuKey(ed, event) },
    make("div", { class: "wbc-title", text: title }), ...entries);
  ed.menu = { menu, back: document.activeElement };
  ed.root.append(menu);
  putMenu(ed, menu, anchor);
  if (entries.length) entries[0].focus({ preventScroll: true });
}

function putMenu(ed, menu, anchor) {
  const frame = ed.root.getBoundingClientRect();
  const at = anchor.getBoundingClientRect ? anchor.getBoundingClientRect() : { left: anchor[0], bottom: anchor[1] };
  const left = near(at.left - frame.left, 4, Math.max(4, frame.width - menu.offsetWidth - 4));
  const top = near(at.bottom - frame.top, 4, Math.max(4, frame.height - menu.offsetHeight - 4));
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function closeMenu(ed, back = false) {
  if (!ed.menu) return;
  const { menu, back: before } = ed.menu;
  ed.menu = null;
  menu.remove();
  if (back && before && before.isConnected) before.focus({ preventScroll: true });
}

function menuKey(ed, event) {
  const entries = [...ed.menu.menu.querySelectorAll(".wbc-entry")];
  const at = entries.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 };
  event.stopPropagation();
  if (event.key in steps) {
    event.preventDefault();
    entries[(steps[event.key] + entries.length) % entries.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    closeMenu(ed, true);
  } else if (event.key.length === 1) {
    jump(entries, at, event.key);
  }
}

function jump(entries, at, key) {
  const turned = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
  const found = turned.find((entry) => entry.textContent.toLowerCase().startsWith(key.toLowerCase()));
  if (found) found.focus();
}

function nodeMenu(ed, id, anchor) {
  const node = nodeOf(ed, id);
  const words = ed.words;
  const into = ed.picture.arrows.some((arrow) => arrow.to === id && !arrow.repeat);
  const out = ed.picture.arrows.some((arrow) => arrow.from === id && !arrow.repeat);
  select(ed, { node: id });
  openMenu(ed, node.label, [
    [words.members, () => membersPanel(ed, { node: id })],
    [words.breakdown, () => breakdownPanel(ed, { node: id })],
    !out && [words.topAfter, () => topPanel(ed, "after", id)],
    !into && [words.topBefore, () => topPanel(ed, "before", id)],
    out && [words.fallout, () => membersPanel(ed, { fallout: id })],
    out && [words.breakdownFallout, () => breakdownPanel(ed, { fallout: id })],
    out && [words.topFallout, () => topPanel(ed, "after_fallout", id)],
    [words.connect, () => connectMenu(ed, id, anchor)],
    [words.addAfter, () => after(ed, id, beside(ed, node))],
    [words.rename, () => renamePanel(ed, id)],
    [words.duplicate, () => ed.line.gesture({ kind: "duplicate", node: id })],
    node.excluded
      ? [words.include, () => ed.line.gesture({ kind: "include", node: id })]
      : [words.exclude, () => ed.line.gesture({ kind: "exclude", node: id })],
    [words.segment, () => segmentPanel(ed, { node: id })],
    out && [words.segmentFallout, () => segmentPanel(ed, { fallout: id })],
    [words.remove, () => removeThing(ed, { node: id })],
  ], anchorOf(ed, anchor, { node: id }));
}

// The anchor may be gone by the time a second menu opens beside it.
function anchorOf(ed, anchor, thing) {
  if (Array.isArray(anchor) || (anchor && anchor.isConnected)) return anchor;
  return elementOf(ed, thing) || ed.stage;
}

function beside(ed, node) {
  const [width, height] = ed.picture.box;
  return [node.place[0] + width + 136, node.place[1] + height / 2];
}

function connectMenu(ed, id, anchor) {
  const linked = new Set(ed.picture.arrows.filter((arrow) => arrow.from === id).map((arrow) => arrow.to));
  const others = ed.picture.nodes.filter((node) => node.id !== id && !linked.has(node.id));
  const items = others.map((node) => [node.label, () => ed.line.gesture({ kind: "connect", from: id, to: node.id })]);
  if (!items.length) return tell(ed, ed.words.nothingToConnect);
  return openMenu(ed, ed.words.connect, items, anchorOf(ed, anchor, { node: id }));
}

function arrowMenu(ed, number, anchor) {
  const pair = pairOf(ed, number);
  const words = ed.words;
  const back = ed.picture.arrows[number].repeat;
  select(ed, { arrow: number });
  openMenu(ed, filled(words.arrowTitle, arrowWords(ed, number)), [
    !back && [words.members, () => membersPanel(ed, { arrow: pair })],
    !back && [words.breakdown, () => breakdownPanel(ed, { arrow: pair })],
    !back && [words.topOnArrow, () => topPanel(ed, "between", pair)],
    !back && [words.times, () => timesPanel(ed, pair)],
    [words.limits, () => limitsPanel(ed, number)],
    !back && [words.segment, () => segmentPanel(ed, { arrow: pair })],
    [words.cut, () => removeThing(ed, { arrow: number })],
  ], anchorOf(ed, anchor, { arrow: number }));
}

function itemMenu(ed, item, anchor) {
  const words = ed.words;
  const thing = ed.selected;
  const node = thing && thing.node !== undefined && nodeOf(ed, thing.node);
  const arrow = thing && thing.arrow !== undefined && ed.picture.arrows[thing.arrow];
  const add = (more) => ed.line.gesture({ kind: "add", part: item.part, ...more });
  const drop = () => dropped(ed, item, thing, null);
  const items = item.dimension
    ? [
      [words.topAnywhere, () => droppedDimension(ed, item.dimension, null)],
      node && [filled(words.breakDown, { node: node.label }), drop],
      arrow && [filled(words.topBetween, arrowWords(ed, thing.arrow)), drop],
    ]
    : [
      [words.addHere, () => add({})],
      node && [filled(words.addAfterNode, { node: node.label }), () => add({ after: node.id })],
      node && [filled(words.addBeforeNode, { node: node.label }), () => add({ before: node.id })],
      node && [filled(words.combine, { node: node.label }), drop],
      arrow && [filled(words.insert, arrowWords(ed, thing.arrow)), drop],
    ];
  openMenu(ed, item.label, items, anchor);
}

function removeThing(ed, thing) {
  select(ed, null);
  if (thing.node !== undefined) ed.line.gesture({ kind: "delete", node: thing.node });
  else ed.line.gesture({ kind: "cut", arrow: pairOf(ed, thing.arrow) });
}

function menuOf(ed, thing, anchor) {
  if (thing.node !== undefined) nodeMenu(ed, thing.node, anchor);
  else arrowMenu(ed, thing.arrow, anchor);
}
