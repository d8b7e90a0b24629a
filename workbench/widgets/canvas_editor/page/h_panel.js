// The panel: tables, forms and texts that belong to one thing.

function panelOf(ed) {
  ed.panel = make("div", { class: "wbc-panel", hidden: true, role: "region", "aria-label": ed.words.details });
  return ed.panel;
}

function openPanel(ed, title, ...parts) {
  const head = make("div", { class: "wbc-panel-head" },
    make("b", { text: title }),
    button("×", () => closePanel(ed), { class: "wbc-close", "aria-label": ed.words.close }));
  hideTip(ed);
  ed.panel.replaceChildren(head, ...parts.filter(Boolean));
  ed.panel.hidden = false;
  const about = elementOf(ed, ed.selected);
  if (about) inSight(ed, about);
  return ed.panel;
}

function closePanel(ed) {
  ed.panel.hidden = true;
  ed.panel.replaceChildren();
  refocus(ed, ed.selected);
}

function sentence(text, kind = "wbc-small") {
  return make("p", { class: kind, text });
}

// Asks for what a panel shows; a refusal is said in the panel.
function asked(ed, ask, then) {
  ed.line.ask(ask, (answer) => {
    if (answer.problem) openPanel(ed, ed.words.refused, sentence(answer.problem, "wbc-said-wrong"));
    else then(answer);
  });
}

function membersPanel(ed, point) {
  asked(ed, { kind: "members", point }, ({ table }) => openPanel(ed, table.title, ...tableParts(ed, table)));
}

function chooser(ed, current, change) {
  const select = make("select", { "aria-label": ed.words.dimension, change: (event) => change(event.target.value) },
    ...ed.picture.choices.dimension.map(({ value, label }) => make("option", { value, text: label })));
  select.value = current;
  return make("label", { class: "wbc-row" }, make("span", { text: ed.words.by }), select);
}

function breakdownPanel(ed, point, dimension) {
  if (dimension) ed.lastDimension = dimension;
  const again = (value) => breakdownPanel(ed, point, value);
  asked(ed, { kind: "breakdown", point, dimension: ed.lastDimension }, (answer) =>
    openPanel(ed, answer.table.title, chooser(ed, answer.dimension, again), ...tableParts(ed, answer.table)));
}

function topPanel(ed, side, of, dimension = "event") {
  const again = (value) => topPanel(ed, side, of, value);
  const put = () => ed.line.gesture({ kind: "top", side, of, dimension });
  const joined = () => ed.line.gesture({ kind: "top", side, of, dimension, joined: true });
  asked(ed, { kind: "top", side, of, dimension }, ({ table }) =>
    openPanel(ed, table.title, chooser(ed, dimension, again),
      make("div", { class: "wbc-row" }, button(ed.words.drawTop, put), button(ed.words.drawJoined, joined)),
      ...tableParts(ed, table)));
}

function tableParts(ed, table) {
  const head = make("tr", {}, ...table.columns.map((column) =>
    make("th", { class: column.number ? "wbc-number" : null, scope: "col", text: column.label })));
  const rows = table.rows.map((cells, n) => tableRow(ed, table, cells, table.parts[n]));
  const frame = make("div", { class: "wbc-table" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  return [rows.length ? frame : sentence(ed.words.noRows), table.more && sentence(table.more), table.note && sentence(table.note)];
}

function tableRow(ed, table, cells, part) {
  const shown = cells.map((text, n) => make("td", { class: table.columns[n].number ? "wbc-number" : null, text, title: text }));
  if (!part) return make("tr", {}, ...shown);
  const item = { label: cells[table.columns.length > 3 ? 1 : 0] || cells[0], part };
  item.label = String(part.values[0]);
  return make("tr", { class: "wbc-pull", tabindex: 0, title: ed.words.pull,
    pointerdown: (event) => dragItem(ed, event, item), keydown: (event) => itemKey(ed, event, item) }, ...shown);
}

function timesPanel(ed, pair) {
  const number = ed.picture.arrows.findIndex((arrow) => arrow.from === pair[0] && arrow.to === pair[1]);
  asked(ed, { kind: "arrow", arrow: pair }, ({ tip }) =>
    openPanel(ed, filled(ed.words.arrowTitle, arrowWords(ed, number)),
      ...ed.picture.arrows[number].tip.concat(tip).map((text) => sentence(text, "wbc-line"))));
}

function inputRow(label, value, attributes = {}) {
  const input = make("input", { type: "text", value, ...attributes });
  return [input, make("label", { class: "wbc-row" }, make("span", { text: label }), input)];
}

function form(ed, parts, send) {
  const said = make("p", { class: "wbc-said-wrong", role: "alert" });
  const submit = (event) => {
    event.preventDefault();
    ed.formSaid = said;
    send();
  };
  return make("form", { class: "wbc-form", submit }, ...parts,
    make("div", { class: "wbc-row" }, make("button", { type: "submit", text: ed.words.apply })), said);
}

function limitsPanel(ed, number) {
  const pair = pairOf(ed, number);
  const { limits } = ed.picture.arrows[number];
  const [within, withinRow] = inputRow(ed.words.within, limits.within, { placeholder: "90d" });
  const [least, leastRow] = inputRow(ed.words.after, limits.after, { placeholder: "1h" });
  const [label, labelRow] = inputRow(ed.words.label, limits.label);
  const [repeat, repeatRow] = inputRow(ed.words.repeat, limits.repeat, { inputmode: "numeric" });
  const send = () => ed.line.gesture({
    kind: "limits", arrow: pair, within: within.value, after: least.value, label: label.value,
    ...(limits.repeat ? { repeat: repeat.value } : {}),
  });
  const rows = [withinRow, leastRow, labelRow, limits.repeat ? repeatRow : null].filter(Boolean);
  openPanel(ed, filled(ed.words.arrowTitle, arrowWords(ed, number)), form(ed, rows, send), sentence(ed.words.limitsHint));
  within.focus();
}

function renamePanel(ed, id) {
  const [input, row] = inputRow(ed.words.label, nameOf(ed, id));
  openPanel(ed, ed.words.rename, form(ed, [row], () => {
    ed.line.gesture({ kind: "rename", node: id, label: input.value });
    if (input.value.trim()) closePanel(ed);
  }));
  input.select();
  input.focus();
}

function segmentPanel(ed, point, name) {
  asked(ed, { kind: "segment", point, name }, (answer) => {
    const [input, row] = inputRow(ed.words.name, answer.name);
    const keep = () => ed.line.ask({ kind: "keep", name: input.value }, (kept) => tell(ed, kept.problem || kept.said, Boolean(kept.problem)));
    openPanel(ed, ed.words.segment, form(ed, [row], () => segmentPanel(ed, point, input.value)),
      make("div", { class: "wbc-row" }, button(ed.words.keep, keep)),
      ...textParts(ed, answer.yaml), ...textParts(ed, answer.python), sentence(ed.words.segmentHint));
  });
}

function textParts(ed, text, attributes = { readonly: true }) {
  const area = make("textarea", { class: "wbc-text", spellcheck: "false", value: text, rows: near(text.split("\n").length, 4, 16), ...attributes });
  return [area, make("div", { class: "wbc-row" }, button(ed.words.copy, () => copied(ed, area)))];
}

function copied(ed, area) {
  area.select();
  const said = () => tell(ed, ed.words.copied);
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(area.value).then(said, () => tell(ed, ed.words.notCopied));
  else if (document.execCommand("copy")) said();
  else tell(ed, ed.words.notCopied);
}

function yamlPanel(ed) {
  const [area, buttons] = textParts(ed, ed.picture.yaml, {});
  buttons.append(button(ed.words.applyYaml, () => ed.line.gesture({ kind: "paste", text: area.value })));
  ed.yamlSaid = make("p", { class: "wbc-said-wrong", role: "alert" });
  const [file, row] = inputRow(ed.words.file, ed.picture.file || "journey.yaml");
  openPanel(ed, "YAML", area, buttons, ed.yamlSaid, form(ed, [row], () => save(ed, file.value)));
  ed.panel.querySelector("form button").textContent = ed.words.save;
}

function save(ed, file) {
  ed.line.ask({ kind: "save", file }, (answer) => {
    tell(ed, answer.problem || answer.said, Boolean(answer.problem));
    if (ed.yamlSaid) ed.yamlSaid.textContent = answer.problem || "";
  });
}

function pythonPanel(ed) {
  asked(ed, { kind: "texts" }, ({ python }) => openPanel(ed, "Python", ...textParts(ed, python)));
}

function keysPanel(ed) {
  const rows = ed.words.keys.map(([key, what]) => make("tr", {}, make("td", {}, make("kbd", { text: key })), make("td", { text: what })));
  openPanel(ed, ed.words.keysTitle, make("div", { class: "wbc-table" }, make("table", {}, make("tbody", {}, ...rows))));
}
