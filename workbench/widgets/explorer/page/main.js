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
    onLost: () => { lost(); },
    onDone: (more) => { if (!more) answer.working(false); },
  });
  // The last answer stays; the sentence goes as soon as the kernel says anything.
  let away = false;
  const lost = () => { away = true; answer.working(false); answer.told(page.words.nowhere, "refused"); };
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
    try { model.send({ do: "search", id: searching, field, text: words }); } catch { lost(); }
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
    const several = page.offer.workspaces?.length > 1;
    bar.replaceChildren(
      several ? choices(page.words.workspace, page.offer.workspaces, page.offer.workspace, (name) => { drafts.clear(); line.ask({ do: "workspace", name: "workspace", called: name }); }, "workspace") : "",
      choices(page.words.question, shown.analyses, shown.analysis, (name) => { drafts.clear(); line.ask({ do: "analysis", name }); }, "analysis"),
      iconButton("↶", page.words.undo, () => { drafts.clear(); line.ask({ do: "undo" }); }, { disabled: !shown.undo, data: { path: "undo" } }),
      iconButton("↷", page.words.redo, () => { drafts.clear(); line.ask({ do: "redo" }); }, { disabled: !shown.redo, data: { path: "redo" } }),
      button(page.words.copy_yaml, () => copy(shown.yaml)), button(page.words.copy_python, () => copy(shown.python)), note);
    restore(kept);
  };
  const heard = (told) => {
    if (away) { away = false; answer.told("", ""); }
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
    else if (told.say === "cleared") answer.clear();
    else if (told.say === "audience") answer.showAudience(told);
    else if (told.say === "problem") {
      if (told.stale) answer.old();
      const beside = [...root.querySelectorAll("[data-problem]")].filter((part) => part.dataset.problem === told.field).at(-1);
      if (beside && told.kind !== "waiting") { beside.textContent = told.sentence; beside.hidden = false; } else answer.told(told.sentence, told.kind);
    } else if (told.say === "found") { searches.get(told.id)?.(told); searches.delete(told.id); }
    else if (told.say === "members") answer.showMembers(told);
    else if (told.say === "segment") {
      const proposed = told.name.replace(/[^\p{L}\p{N}_ .-]+/gu, " ").replace(/ +/g, " ").trim().slice(0, 80);
      const called = make("input", { type: "text", class: "wbx-input wbx-long", value: proposed, "aria-label": page.words.segment_name });
      answer.say(make("h4", { text: told.name, dir: "auto" }), make("p", { text: told.headline, dir: "auto" }), 
        make("div", { class: "wbx-line" }, button(page.words.audience, () => line.ask({ do: "audience", name: "keep", yaml: told.yaml })),
          button(page.words.set_segment, () => page.set("segment", { text: told.yaml })),
          ["fallout", "flow", "cohort"].includes(shown.analysis) ? button(page.words.compare, () => line.ask({ do: "compare", name: "keep", yaml: told.yaml })) : "",
          button(page.words.copy_yaml, () => copy(told.yaml))),
        make("details", { class: "wbx-inner" }, make("summary", { text: page.words.yaml }), make("pre", { class: "wbx-text", text: told.yaml })),
        make("div", { class: "wbx-line" }, called,
          button(page.words.keep, () => line.ask({ do: "keep", name: "keep", called: called.value, renamed: called.value !== proposed, yaml: told.yaml })),
          make("span", { class: "wbx-note", role: "status", data: { kept: "keep" } })),
        make("div", { class: "wbx-problem", role: "alert", hidden: true, data: { problem: "keep" } }));
    } else if (told.say === "kept") { 
      for (const part of root.querySelectorAll("[data-kept]")) if (part.dataset.kept === told.for) part.textContent = told.sentence;
      for (const part of root.querySelectorAll(".wbx-problem[data-problem]")) if (part.dataset.problem === told.for) part.hidden = true;
    }
    else if (told.say === "done") line.done(told.ticket);
  };
  model.on("msg:custom", heard);
  model.on("comm_live_update", lost);
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
  return () => { model.off("msg:custom", heard); model.off("comm_live_update", lost); line.stop(); answer.stop(); };
};
