// A box to type in that offers what there is: names, or values of a field with their counts.
const picker = (page, { value = "", label, placeholder = "", list = null, field = null, onPick, path, free = true, keep = true, prefer = true }) => {
  const id = fresh("list");
  const input = make("input", {
    type: "text", class: "wbx-input", value, placeholder, role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-label": label, "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", data: { path },
  });
  input.value = value;
  const box = make("ul", { id, class: "wbx-list", role: "listbox", hidden: true });
  const note = make("div", { class: "wbx-note", hidden: true });
  const holder = make("span", { class: "wbx-picker" }, input, make("div", { class: "wbx-drop" }, box, note));
  let active = -1, items = [], looking = false, entered = false;
  const words = (text) => text.toLocaleLowerCase().replace(/[_-]/g, " ").split(" ").filter(Boolean);
  // What Enter means: the line that is marked, else what was typed if it is there, else the first that was found.
  const enter = () => {
    const typed = input.value.trim(), same = items.find((item) => item.value.toLocaleLowerCase() === typed.toLocaleLowerCase());
    if (active >= 0) pick(items[active].value);
    else if (!typed) { if (keep && value) pick(""); else close(); }
    else if (same) pick(same.value);
    else if (items.length && (prefer || !free)) pick(items[0].value);
    else if (free) pick(typed);
  };
  const close = () => { entered = false; box.hidden = true; note.hidden = true; active = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const pick = (chosen) => { close(); delete input.dataset.typed; input.value = keep ? chosen : ""; onPick(chosen); };
  const mark = (place) => {
    active = place;
    [...box.children].forEach((row, index) => row.setAttribute("aria-selected", index === place ? "true" : "false"));
    const row = box.children[place];
    if (row) { input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
  };
  const show = (found) => {
    looking = false;
    if (document.activeElement !== input && input.getRootNode().activeElement !== input) return;
    items = found.items;
    box.replaceChildren(...items.map((item, index) => make("li", {
      id: `${id}-${index}`, role: "option", "aria-selected": "false",
      on: { mousedown: (event) => { event.preventDefault(); pick(item.value); } },
    }, make("span", { text: item.value, dir: "auto" }),
      item.rows === undefined ? null : make("span", { class: "wbx-count", text: item.rows.toLocaleString() }))));
    note.textContent = items.length
      ? (found.found > items.length ? said(page.words.found, { n: items.length, total: found.found.toLocaleString() }) : "")
      : page.words.none;
    note.hidden = !note.textContent;
    box.hidden = !items.length;
    active = -1;
    input.setAttribute("aria-expanded", String(!box.hidden));
    if (entered) enter();
  };
  const look = () => {
    const text = input.value === value && keep ? "" : input.value;
    if (field !== null) { looking = true; page.search(field(), text, show); return; }
    const wanted = words(text);
    const all = list().filter((name) => { const own = words(name).join(" "); return wanted.every((word) => own.includes(word)); });
    show({ items: all.slice(0, 60).map((name) => ({ value: name })), found: all.length });
  };
  input.addEventListener("focus", () => { if (keep) input.select(); if (!page.quiet) look(); });
  input.addEventListener("click", () => { if (box.hidden) look(); });
  input.addEventListener("input", look);
  input.addEventListener("blur", () => {
    close();
    const typed = input.value.trim();
    if (free && typed && (typed !== value || !keep)) pick(typed);
    else if (keep && !typed && value) pick("");
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (box.hidden) { look(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((active + step + items.length) % Math.max(1, items.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (looking && active < 0) entered = true; else enter();
    } else if (event.key === "Escape") { close(); input.value = value; }
  });
  return holder;
};
