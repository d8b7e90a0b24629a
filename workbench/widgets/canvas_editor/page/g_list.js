// The list beside the canvas: events and values with their counts, found while somebody types.

function listOf(ed) {
  const fields = make("select", { class: "wbc-field", "aria-label": ed.words.field, change: () => search(ed) });
  ed.find = make("input", { class: "wbc-find", type: "search", placeholder: ed.words.find, "aria-label": ed.words.find,
    input: () => search(ed), keydown: (event) => findKey(ed, event) });
  ed.items = make("div", { class: "wbc-items", role: "list" });
  ed.more = make("p", { class: "wbc-small" });
  ed.fields = fields;
  return make("div", { class: "wbc-list" }, fields, ed.find, ed.items, ed.more);
}

function search(ed) {
  const field = ed.fields.value || "event";
  ed.line.ask({ kind: "find", field, text: ed.find.value }, (answer) => listed(ed, answer));
}

function listed(ed, answer) {
  if (answer.problem) {
    say(ed.more, answer.problem);
    return;
  }
  ed.items.replaceChildren(...answer.items.map((item) => itemThing(ed, item)));
  say(ed.more, answer.more);
}

function itemThing(ed, item) {
  const thing = make(
    "div",
    { class: "wbc-item", role: "listitem", tabindex: 0, title: item.label,
      pointerdown: (event) => dragItem(ed, event, item),
      keydown: (event) => itemKey(ed, event, item) },
    make("span", { class: "wbc-what", text: item.label }),
    make("span", { class: "wbc-count", text: item.count }),
  );
  return thing;
}

function findKey(ed, event) {
  event.stopPropagation();
  if (event.key === "ArrowDown" && ed.items.firstChild) {
    event.preventDefault();
    ed.items.firstChild.focus();
  }
  if (event.key === "Escape") {
    ed.pending = null;
    tell(ed, "");
  }
}

function itemKey(ed, event, item) {
  const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (next) {
    event.preventDefault();
    (event.currentTarget[next] || (next === "previousElementSibling" ? ed.find : event.currentTarget)).focus();
  } else if (event.key === "Enter" || event.key === " " || event.key === "ContextMenu") {
    event.preventDefault();
    chosen(ed, item, event.currentTarget);
  } else {
    return;
  }
  event.stopPropagation();
}

function setFields(ed) {
  const before = ed.fields.value;
  const choices = ed.picture.choices.field;
  if (ed.fields.options.length === choices.length) return;
  ed.fields.replaceChildren(...choices.map(({ value, label }) => make("option", { value, text: label })));
  if (before) ed.fields.value = before;
}
