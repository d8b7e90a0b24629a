// The rows of a list: sorted by their heads, filtered below them, edited in place.
const gridOf = (page, shown) => {
  const { columns, rows, keys, editable, filters } = shown;
  const waiting = new Map(shown.pending.map(([key, column, value]) => [`${key}\u0000${column}`, value]));
  const head = make("tr", {}, ...columns.map((column) => {
    const sorted = shown.sort === column.name;
    const sign = sorted ? (shown.descending ? " ↓" : " ↑") : "";
    return make("th", { scope: "col", class: column.number ? "wbx-number" : "", "aria-sort": sorted ? (shown.descending ? "descending" : "ascending") : "none" },
      button(column.label + sign, () => page.ask({ do: "show", sort: sorted && shown.descending ? "" : column.name, descending: sorted && !shown.descending }),
        { class: "wbx-link", title: said(page.words.sort, { column: column.label }) }));
  }));
  const filterRow = make("tr", {}, ...columns.map((column) => make("td", {},
    textBox(`${page.words.filter}: ${column.label}`, filters[column.name] ?? "", page.words.filter,
      (value) => page.ask({ do: "show", filters: { ...page.filters(), [column.name]: value } }), `filter.${column.name}`))));
  const open = (cell, key, column, text) => {
    const input = make("input", { type: "text", class: "wbx-input", "aria-label": column, data: { path: `edit.${key}.${column}` } });
    input.value = text === "–" ? "" : text;
    let left = false;
    const leave = (keep) => { if (left) return; left = true; if (keep) page.ask({ do: "edit", key, column, value: input.value }); else page.redraw(); };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") leave(true);
      if (event.key === "Escape") leave(false);
    });
    input.addEventListener("blur", () => leave(input.value !== text));
    cell.replaceChildren(input);
    input.focus();
    input.select();
  };
  const body = rows.map((row, place) => make("tr", {}, ...row.map((text, at) => {
    const column = columns[at], key = keys[place], can = editable.includes(column.name);
    const new_ = waiting.get(`${key}\u0000${column.name}`);
    const changed = waiting.has(`${key}\u0000${column.name}`);
    const cell = make("td", { class: [column.number ? "wbx-number" : "", can ? "wbx-can" : "", changed ? "wbx-changed" : ""].join(" ").trim(),
      ...(can ? { tabindex: "0", on: {
        dblclick: () => open(cell, key, column.name, changed ? new_ ?? "" : text),
        keydown: (event) => { if ((event.key === "Enter" || event.key === "F2") && event.target === cell) { event.preventDefault(); open(cell, key, column.name, changed ? new_ ?? "" : text); } },
      } } : {}) }, ...(changed ? [make("s", { text }), make("bdi", { text: ` ${new_ ?? "–"}` })] : [make("bdi", { text })]));
    return cell;
  })));
  const table = make("table", { class: "wbx-table wbx-grid" }, make("thead", {}, head, filterRow), make("tbody", {}, ...body));
  const pager = make("div", { class: "wbx-line" },
    iconButton("‹", page.words.previous, () => page.ask({ do: "show", page: shown.page - 1 }), { disabled: shown.page === 0 }),
    make("span", { text: said(page.words.page, { n: shown.page + 1, total: shown.pages }) }),
    iconButton("›", page.words.next, () => page.ask({ do: "show", page: shown.page + 1 }), { disabled: shown.page + 1 >= shown.pages }));
  return [make("div", { class: "wbx-scroll wbx-tall" }, table), rows.length ? null : make("p", { class: "wbx-note", text: page.words.none }), pager,
    editable.length ? make("p", { class: "wbx-note", text: page.words.edit }) : null].filter(Boolean);
};
