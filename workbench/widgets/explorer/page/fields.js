// One control for each kind of parameter.
const stepList = (page, field) => {
  const name = field.name, value = page.drafted(name, field.value);
  const tell = (steps) => page.set(name, steps);
  const moved = (from, to) => {
    const steps = [...value];
    const [step] = steps.splice(from, 1);
    steps.splice(to, 0, step);
    tell(steps);
  };
  const cards = value.map((step, place) => {
    const path = `${name}.${place}`;
    const change = (changed) => tell(value.map((old, at) => (at === place ? changed : old)));
    const grip = make("button", { type: "button", class: "wbx-grip", draggable: true, title: page.words.drag, "aria-label": `${said(page.words.step, { n: place + 1 })}. ${page.words.drag}`, data: { path: `${path}.grip` },
      on: {
        keydown: (event) => {
          const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
          if (!step || place + step < 0 || place + step >= value.length) return;
          event.preventDefault();
          page.focusNext(`${name}.${place + step}.grip`);
          moved(place, place + step);
        },
        dragstart: (event) => { event.dataTransfer.setData("text/x-step", `${name} ${place}`); event.dataTransfer.effectAllowed = "move"; },
      } }, make("span", { "aria-hidden": "true", text: "⠿" }), make("span", { text: String(place + 1) }));
    return make("li", { class: "wbx-card", on: {
      dragover: (event) => { if (event.dataTransfer.types.includes("text/x-step")) { event.preventDefault(); event.currentTarget.classList.add("wbx-over"); } },
      dragleave: (event) => event.currentTarget.classList.remove("wbx-over"),
      drop: (event) => {
        event.preventDefault();
        const [from, at] = event.dataTransfer.getData("text/x-step").split(" ");
        if (from === name && Number(at) !== place) moved(Number(at), place);
      },
    } }, grip, make("div", { class: "wbx-body" }, ...stepBody(page, step, path, change, place > 0)),
    make("div", { class: "wbx-side" },
      place > 0 ? iconButton("⊕", page.words.combine, () => page.ask({ do: "combine", name, into: place - 1, other: place })) : null,
      iconButton("×", `${page.words.remove}: ${said(page.words.step, { n: place + 1 })}`, () => tell(value.filter((_, at) => at !== place)))));
  });
  return [make("ol", { class: "wbx-cards" }, ...cards),
    button("+ " + page.words.add_step, () => page.draft(name, [...value, blankStep()], tell, `${name}.${value.length}.0.value`), { class: "wbx-add", data: { path: `${name}.add` } })];
};

const single = (page, field, body, blank) => {
  const value = page.drafted(field.name, field.value);
  const tell = (changed) => page.set(field.name, changed);
  const saved = field.kind === "segment" && page.offer.segments.length
    ? choices(page.words.saved, [["", page.words.saved], ...page.offer.segments.map((name) => [name, name])], "", (name) => { if (name) tell({ text: JSON.stringify(name) }); }, `${field.name}.saved`) : null;
  if (value === null) {
    return [saved, button("+ " + page.words.add_line, () => page.draft(field.name, blank(), tell, `${field.name}.0.value`), { class: "wbx-link", data: { path: `${field.name}.add` } })];
  }
  return [make("div", { class: "wbx-card" }, make("div", { class: "wbx-body" }, ...body(page, value, field.name, tell)),
    make("div", { class: "wbx-side" }, iconButton("×", `${page.words.remove}: ${field.label}`, () => tell(null))))];
};

const segmentList = (page, field) => {
  const name = field.name, value = page.drafted(name, field.value);
  const tell = (segments) => page.set(name, segments);
  return [...value.map((segment, place) => make("div", { class: "wbx-card" },
    make("div", { class: "wbx-body" }, ...segmentBody(page, segment, `${name}.${place}`, (changed) => tell(value.map((old, at) => (at === place ? changed : old))))),
    make("div", { class: "wbx-side" }, iconButton("×", page.words.remove, () => tell(value.filter((_, at) => at !== place)))))),
  button("+ " + page.words.add_segment, () => page.draft(name, [...value, blankSegment()], tell, `${name}.${value.length}.0.value`), { class: "wbx-link" })];
};

const CONTROLS = {
  steps: stepList,
  step: (page, field) => single(page, field, (p, value, path, tell) => stepBody(p, value, path, tell, false), blankStep),
  segment: (page, field) => single(page, field, segmentBody, blankSegment),
  segments: segmentList,
  choice: (page, field) => {
    const offered = field.name === "container" ? field.options.filter((name) => page.offer.containers.includes(name) || name === field.value) : field.options;
    const options = offered.map((name) => [name, name.replaceAll("_", " ")]);
    if (field.default === null) options.unshift(["", page.words.nothing]);
    return [choices(field.label, options, field.value ?? "", (value) => page.set(field.name, value), field.name)];
  },
  text: (page, field) => [textBox(field.label, field.value ?? "", field.hint, (value) => page.set(field.name, value), field.name)],
  number: (page, field) => [textBox(field.label, field.value === null ? "" : String(field.value), field.hint, (value) => page.set(field.name, value), field.name)],
  flag: (page, field) => {
    const box = make("input", { type: "checkbox", data: { path: field.name }, "aria-label": field.label, on: { change: () => page.set(field.name, box.checked) } });
    box.checked = Boolean(field.value);
    return [box];
  },
  dimension: (page, field) => [picker(page, { value: field.value ?? "", label: field.label, placeholder: page.words.nothing, list: () => page.offer.dimensions, path: field.name,
    onPick: (value) => page.set(field.name, value) })],
  plain: (page, field) => asText(page, { text: field.value }, field.name, (value) => page.set(field.name, value.text)),
};

const fieldRow = (page, field) => {
  const problem = make("div", { class: "wbx-problem", role: "alert", hidden: true, data: { problem: field.name } });
  const wide = ["steps", "step", "segment", "segments", "plain"].includes(field.kind);
  return make("div", { class: wide ? "wbx-field wbx-wide" : "wbx-field", data: { field: field.name } },
    make("div", { class: "wbx-label", text: field.label + (field.needed ? " *" : "") }),
    make("div", { class: "wbx-control" }, ...CONTROLS[field.kind](page, field)), problem);
};
const formOf = (page, shown) => {
  const first = shown.fields.filter((field) => field.group !== "more");
  const more = shown.fields.filter((field) => field.group === "more");
  const set = more.some((field) => JSON.stringify(field.value) !== JSON.stringify(field.default) && field.value !== "" && field.value !== null && field.value.length !== 0);
  const parts = first.map((field) => fieldRow(page, field));
  if (more.length) {
    const folded = make("details", { class: "wbx-more", open: page.moreOpen ?? set, on: { toggle: (event) => { page.moreOpen = event.currentTarget.open; } } },
      make("summary", { text: page.words.more }), ...more.map((field) => fieldRow(page, field)));
    parts.push(folded);
  }
  if (shown.rest) parts.push(make("pre", { class: "wbx-text", text: shown.rest }));
  return parts;
};
