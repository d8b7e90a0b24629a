// A table of texts whose rows can be chosen.
const tableOf = (table, { chosen = null, onChoose = null, caption = "" } = {}) => {
  const head = make("tr", {}, ...table.columns.map((column) => make("th", { scope: "col", class: column.number ? "wbx-number" : "", text: column.label })));
  const rows = table.rows.map((row, place) => {
    const cells = row.map((value, at) => make("td", { class: table.columns[at].number ? "wbx-number" : "" }, make("bdi", { text: value })));
    const options = onChoose ? { tabindex: "0", "aria-selected": chosen.has(place) ? "true" : "false", on: {
      click: (event) => onChoose(place, event.ctrlKey || event.metaKey || event.shiftKey),
      keydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); onChoose(place, event.ctrlKey || event.metaKey || event.shiftKey); } },
    } } : {};
    return make("tr", options, ...cells);
  });
  return make("table", { class: "wbx-table" }, caption ? make("caption", { text: caption }) : null, make("thead", {}, head), make("tbody", {}, ...rows));
};
