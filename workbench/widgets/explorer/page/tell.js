// Small forms that say something about an answer: a comment, an alert, a note on a day, a report.
const sayings = (page, which) => {
  const place = make("div", { class: "wbx-saying", hidden: true });
  let open = "";
  const line = (...parts) => make("div", { class: "wbx-line" }, ...parts);
  const box = (label, placeholder = label) => make("input", { type: "text", class: "wbx-input", placeholder, "aria-label": label });
  const keep = () => [...place.querySelectorAll("button")].at(-1)?.click();
  const told = (what) => make("div", { class: "wbx-note", role: "status", data: { kept: what } });
  const wrong = (what) => make("div", { class: "wbx-problem", role: "alert", hidden: true, data: { problem: what } });
  const forms = {
    comment: () => {
      const text = make("textarea", { class: "wbx-text", rows: 3, "aria-label": page.words.text, placeholder: page.words.text });
      return [text, line(button(page.words.keep_it, () => page.ask({ do: "comment", name: "comment", ...which(), text: text.value })))];
    },
    annotate: () => {
      const title = box(page.words.text), day = make("input", { type: "date", class: "wbx-input", "aria-label": page.words.day });
      return [line(day, title, button(page.words.keep_it, () => page.ask({ do: "annotate", name: "annotate", title: title.value, on: day.value })))];
    },
    report: () => {
      const name = box(page.words.report_name);
      return [line(name, button(page.words.keep_it, () => page.ask({ do: "report", name: "report", called: name.value.trim() })))];
    },
    alert: () => {
      const called = box(page.words.name), value = box(page.words.value, "20 %");
      const when = choices(page.words.value, ["changes_by", "at_least", "at_most", "anomaly"].map((name) => [name, page.words[`when_${name}`]]), "changes_by",
        (name) => { value.hidden = name === "anomaly"; });
      const often = choices(page.words.value, ["day", "week", "month"].map((name) => [name, page.words[`each_${name}`]]), "week", () => {});
      const ask = (preview) => page.ask({ do: "alert", name: "alert", ...which(), called: called.value, when: when.value, value: value.value, granularity: often.value, only_preview: preview });
      return [line(called, when, value, often), line(button(page.words.preview, () => ask(true)), button(page.words.keep_it, () => ask(false)))];
    },
  };
  const show = (what) => {
    open = open === what ? "" : what;
    place.hidden = !open;
    place.replaceChildren(...(open ? [...forms[open](), told(open), wrong(open)] : []));
    place.querySelector("input, textarea")?.focus();
    for (const box of place.querySelectorAll("input")) box.addEventListener("keydown", (event) => { if (event.key === "Enter") keep(); });
  };
  const buttons = (names) => names.map(([what, label]) => button(label, () => show(what), { "aria-expanded": "false", data: { saying: what } }));
  return { place, buttons };
};
