// The page of one explorer: it shows what the kernel says and tells it what somebody did.
const render = ({ model, el }) => {
  const page = { words: model.get("words"), offer: { containers: [], fields: [], dimensions: [], operators: [], segments: [] }, opened: new Map() };
  const root = make("div", { class: "wbx" });
  const form = make("form", { class: "wbx-form", on: { submit: (event) => event.preventDefault() } });
  const bar = make("div", { class: "wbx-bar", role: "toolbar", "aria-label": page.words.question });
  const text = make("textarea", { class: "wbx-text", rows: 8, spellcheck: "false", "aria-label": page.words.yaml, data: { path: "yaml" } });
  const python = make("pre", { class: "wbx-text" });
  const answer = answerIn(page, model);
  const drafts = new Map(), searches = new Map();
  let shown = null, wanted = null, searching = 0;

  const line = lineTo(model, {
    onSlow: () => answer.working(true),
    onLost: () => { answer.working(false); answer.told(page.words.nowhere, "refused"); },
    onDone: (more) => { if (!more) answer.working(false); },
  });
  page.ask = line.ask;
  page.set = (name, value) => { drafts.delete(name); line.ask({ do: "set", name, value }); };
  // A line without a value says nothing yet: it is drawn, and told when it is whole.
  page.draft = (path, value, tell, focus) => {
    const [name, ...inner] = path.split(".");
    const whole = structuredClone(drafts.get(name) ?? shown.fields.find((field) => field.name === name).value);
    if (inner.length) whole[Number(inner[0])] = value;
    drafts.set(name, inner.length ? whole : value);
    wanted = focus ?? `${path}.${(value.lines?.length ?? 1) - 1}.field`;
    redraw();
  };
  page.drafted = (name, value) => (drafts.has(name) ? drafts.get(name) : value);
  page.focusNext = (path) => { wanted = path; };
  page.search = (field, words, show) => {
    searching += 1;
    searches.clear();
    searches.set(searching, show);
    model.send({ do: "search", id: searching, field, text: words });
  };

  const focusPath = () => {
    const at = root.contains(root.getRootNode().activeElement) ? root.getRootNode().activeElement : null;
    return at?.dataset?.path ? { path: at.dataset.path, text: at.value, from: at.selectionStart, to: at.selectionEnd, typed: at.dataset.typed === "1" } : null;
  };
  const restore = (kept) => {
    const path = wanted ?? kept?.path;
    if (!path) return;
    const found = [...root.querySelectorAll("[data-path]")].find((part) => part.dataset.path === path);
    if (!found) return;
    page.quiet = wanted === null;
    wanted = null;
    found.focus({ preventScroll: true });
    page.quiet = false;
    if (kept?.typed && kept.path === path) {
      found.value = kept.text;
      found.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (kept && kept.path === path && typeof found.setSelectionRange === "function" && found.value === kept.text) found.setSelectionRange(kept.from, kept.to);
  };
  const redraw = () => {
    const kept = focusPath();
    const before = form.scrollTop;
    form.replaceChildren(...formOf(page, shown));
    form.scrollTop = before;
    restore(kept);
  };
  const copy = async (content) => {
    try { await navigator.clipboard.writeText(content); } catch {
      const area = make("textarea", {});
      area.value = content;
      root.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    note.textContent = page.words.copied;
    setTimeout(() => { note.textContent = ""; }, 2000);
  };
  const note = make("span", { class: "wbx-note", role: "status" });
  const toolbar = () => {
    const kept = focusPath();
    bar.replaceChildren(
      choices(page.words.question, shown.analyses, shown.analysis, (name) => { drafts.clear(); line.ask({ do: "analysis", name }); }, "analysis"),
      iconButton("↶", page.words.undo, () => { drafts.clear(); line.ask({ do: "undo" }); }, { disabled: !shown.undo, data: { path: "undo" } }),
      iconButton("↷", page.words.redo, () => { drafts.clear(); line.ask({ do: "redo" }); }, { disabled: !shown.redo, data: { path: "redo" } }),
      button(page.words.copy_yaml, () => copy(shown.yaml)), button(page.words.copy_python, () => copy(shown.python)), note);
    restore(kept);
  };
  const heard = (told) => {
    if (told.say === "offer") page.offer = told.offer;
    else if (told.say === "shown") {
      shown = told.shown;
      answer.outcomes(shown.outcomes);
      text.value = shown.yaml;
      python.textContent = shown.python;
      for (const part of root.querySelectorAll(".wbx-problem[data-problem]")) part.hidden = true;
      answer.told("", "");
      toolbar();
      redraw();
    } else if (told.say === "answer") answer.draw(told);
    else if (told.say === "problem") {
      const beside = [...root.querySelectorAll("[data-problem]")].filter((part) => part.dataset.problem === told.field).at(-1);
      if (beside && told.kind !== "waiting") { beside.textContent = told.sentence; beside.hidden = false; } else answer.told(told.sentence, told.kind);
    } else if (told.say === "found") { searches.get(told.id)?.(told); searches.delete(told.id); }
    else if (told.say === "members") answer.showMembers(told);
    else if (told.say === "segment") {
      answer.say(make("h4", { text: told.name, dir: "auto" }), make("pre", { class: "wbx-text", text: told.yaml }),
        make("div", { class: "wbx-line" }, button(page.words.copy_yaml, () => copy(told.yaml)),
          button(page.words.set_segment, () => page.set("segment", { text: told.yaml })),
          button(page.words.keep, () => line.ask({ do: "keep", name: "keep", called: told.name, yaml: told.yaml })),
          make("span", { class: "wbx-note", role: "status", data: { kept: "keep" } })),
        make("div", { class: "wbx-problem", role: "alert", hidden: true, data: { problem: "keep" } }));
    } else if (told.say === "kept") { 
      for (const part of root.querySelectorAll("[data-kept]")) if (part.dataset.kept === told.for) part.textContent = told.sentence;
      for (const part of root.querySelectorAll(".wbx-problem[data-problem]")) if (part.dataset.problem === told.for) part.hidden = true;
    }
    else if (told.say === "done") line.done(told.ticket);
  };
  model.on("msg:custom", heard);
  // What somebody types while the kernel answers something else stays in its box.
  root.addEventListener("input", (event) => { event.target.dataset.typed = "1"; });
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
    if (event.key === "z" && !event.shiftKey) { event.preventDefault(); line.ask({ do: "undo" }); }
    if (event.key === "y" || (event.key === "z" && event.shiftKey)) { event.preventDefault(); line.ask({ do: "redo" }); }
  });
  const textPart = make("details", { class: "wbx-more" }, make("summary", { text: page.words.yaml }),
    text, make("div", { class: "wbx-problem", role: "alert", hidden: true, data: { problem: "text" } }),
    button(page.words.ask_text, () => { drafts.clear(); line.ask({ do: "text", text: text.value }); }), python);
  root.append(bar, make("div", { class: "wbx-columns" }, make("div", { class: "wbx-left" }, form, textPart), answer.root));
  el.append(root);
  line.ask({ do: "hello" });
  return () => { model.off("msg:custom", heard); line.stop(); answer.stop(); };
};
