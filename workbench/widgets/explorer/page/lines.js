// Conditions as lines, steps as cards, segments as boxes.
const TRUTH = ["true", "false"];
const chip = (page, value, onDrop) => make("span", { class: "wbx-chip" }, make("span", { text: value, dir: "auto" }),
  iconButton("×", `${page.words.remove}: ${value}`, onDrop));

const conditionLine = (page, line, path, onChange, onDrop, bare = false) => {
  const changed = (part) => onChange({ ...line, ...part });
  const fieldBox = picker(page, { value: line.field, label: page.words.choose, list: () => page.offer.fields, path: `${path}.field`,
    onPick: (field) => { if (field !== line.field) changed({ field, values: [] }); } });
  const operator = choices(page.words.choose, page.offer.operators.map((name) => [name, name]), line.operator,
    (name) => changed({ operator: name, values: name === "exists" ? ["true"] : line.values }), `${path}.operator`);
  let values;
  if (line.operator === "exists") {
    values = [choices(page.words.value, TRUTH.map((name) => [name, name]), line.values[0] ?? "true", (name) => changed({ values: [name] }), `${path}.value`)];
  } else {
    values = [...line.values.map((value, place) => chip(page, value, () => changed({ values: line.values.filter((_, at) => at !== place) }))),
      picker(page, { label: page.words.another, placeholder: line.values.length ? "+" : page.words.search, field: () => line.field, keep: false, prefer: ["=", "!="].includes(line.operator),
        path: `${path}.value`, onPick: (value) => { if (value && !line.values.includes(value)) changed({ values: [...line.values, value] }); } })];
  }
  return make("div", { class: "wbx-line" }, bare ? null : fieldBox, bare ? null : operator, ...values,
    onDrop ? iconButton("×", page.words.remove, onDrop) : null);
};

const conditionLines = (page, holder, path, onChange) => {
  const lines = holder.lines.length ? holder.lines : [{ field: "event", operator: "=", values: [] }];
  const rows = lines.map((line, place) => conditionLine(page, line, `${path}.${place}`,
    (changed) => onChange({ ...holder, lines: lines.map((old, at) => (at === place ? changed : old)) }),
    lines.length > 1 ? () => onChange({ ...holder, lines: lines.filter((_, at) => at !== place) }) : null));
  const joined = lines.length > 1
    ? choices(page.words.question, [["all", page.words.all], ["any", page.words.any]], holder.joined, (name) => onChange({ ...holder, joined: name }), `${path}.joined`)
    : null;
  const add = button("+ " + page.words.add_line, () => page.draft(path, { ...holder, lines: [...lines, { field: "event", operator: "=", values: [] }] }, onChange), { class: "wbx-link" });
  return [joined, ...rows, add];
};

const asText = (page, value, path, onChange) => {
  const area = make("textarea", { class: "wbx-text", rows: Math.min(12, value.text.split("\n").length + 1), spellcheck: "false", data: { path: `${path}.text` } });
  area.value = value.text;
  const parts = [area, button(page.words.ask_text, () => onChange({ text: area.value }), { class: "wbx-link" })];
  const name = /^name: *(.+)$/m.exec(value.text)?.[1] ?? (/^['"]?[\w .-]+['"]?$/.test(value.text.trim()) ? value.text.trim() : "");
  if (!value.text.trim()) return parts;
  if (!name) return [make("div", { class: "wbx-note", text: page.words.text_only }), ...parts];
  const key = `text ${path}`;
  return [make("details", { class: "wbx-inner", open: page.opened.get(key) ?? false, on: { toggle: (event) => page.opened.set(key, event.currentTarget.open) } },
    make("summary", { text: name, dir: "auto" }), ...parts)];
};
const blankStep = () => ({ label: "", automatic: "", joined: "all", lines: [], link: "eventual", within: "", after: "" });
const blankSegment = () => ({ name: "", automatic: "", scope: "account", exclude: false, joined: "all", lines: [] });

// A step that is nothing but an event is one line; the rest unfolds.
const isBare = (step) => step.lines.length < 2 && step.lines.every((line) => line.field === "event" && line.operator === "=");
const stepBody = (page, step, path, onChange, linked) => {
  if (step.text !== undefined) return asText(page, step, path, onChange);
  const bare = isBare(step);
  const plain = bare && !step.label && step.link === "eventual" && !step.within && !step.after;
  const rest = [textBox(page.words.name, step.label, step.automatic || page.words.name, (label) => onChange({ ...step, label }), `${path}.label`)];
  if (linked) {
    rest.push(choices(page.words.within, [["eventual", page.words.eventually], ["next", page.words.directly]], step.link, (link) => onChange({ ...step, link }), `${path}.link`),
      make("label", { class: "wbx-small" }, page.words.within, textBox(page.words.within, step.within, "30d", (within) => onChange({ ...step, within }), `${path}.within`)),
      make("label", { class: "wbx-small" }, page.words.after, textBox(page.words.after, step.after, "1h", (after) => onChange({ ...step, after }), `${path}.after`)));
  }
  const inside = [...(bare ? [] : conditionLines(page, step, path, onChange)), make("div", { class: "wbx-line wbx-rest" }, ...rest)];
  const first = bare ? [conditionLine(page, step.lines[0] ?? { field: "event", operator: "=", values: [] }, `${path}.0`, (line) => onChange({ ...step, lines: [line] }), null, true)] : [];
  if (bare) {
    inside.unshift(button("+ " + page.words.add_line, () => page.draft(path, { ...step, lines: [...step.lines, { field: "", operator: "=", values: [] }] }, onChange), { class: "wbx-link" }));
  }
  const key = `open ${path}`;
  const folded = make("details", { class: "wbx-inner", open: page.opened.get(key) ?? !plain, on: { toggle: (event) => page.opened.set(key, event.currentTarget.open) } },
    make("summary", { text: plain ? page.words.details : stepWords(page, step) }), ...inside);
  return [...first, folded];
};
const stepWords = (page, step) => [step.label, isBare(step) ? "" : step.automatic, step.link === "next" ? page.words.directly : "",
  step.within ? `${page.words.within} ${step.within}` : "", step.after ? `${page.words.after} ${step.after}` : ""].filter(Boolean).join(" · ") || page.words.details;

const segmentBody = (page, segment, path, onChange) => {
  if (segment.text !== undefined) return asText(page, segment, path, onChange);
  const scopes = ["event", ...page.offer.containers].map((name) => [name, name.replace("_", " ")]);
  return [...conditionLines(page, segment, path, onChange),
    make("div", { class: "wbx-line wbx-rest" },
      textBox(page.words.name, segment.name, segment.automatic || page.words.name, (name) => onChange({ ...segment, name }), `${path}.name`),
      choices(page.words.scope, scopes, segment.scope, (scope) => onChange({ ...segment, scope }), `${path}.scope`),
      choices(page.words.scope, [["", page.words.include], ["1", page.words.exclude]], segment.exclude ? "1" : "", (name) => onChange({ ...segment, exclude: Boolean(name) }), `${path}.exclude`))];
};
