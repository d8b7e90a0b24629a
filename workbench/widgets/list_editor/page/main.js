// The page of one list: it shows what the kernel says and tells it what somebody did.
const render = ({ model, el }) => {
  const page = { words: model.get("words") };
  const root = make("div", { class: "wbx wbx-list-editor" });
  const bar = make("div", { class: "wbx-bar", role: "toolbar" });
  const title = make("h3", { class: "wbx-headline", dir: "auto" });
  const counted = make("p", { class: "wbx-note", role: "status" });
  const problem = make("div", { class: "wbx-problem", role: "alert", hidden: true });
  const kept = make("div", { class: "wbx-note", role: "status" });
  const sign = make("span", { class: "wbx-working", role: "status", hidden: true, text: page.words.working });
  const pending = make("section", { class: "wbx-members", hidden: true });
  const body = make("div", {});
  let shown = null, board = false;
  const line = lineTo(model, {
    onSlow: () => { sign.hidden = false; },
    onLost: () => { sign.hidden = true; problem.textContent = page.words.nowhere; problem.hidden = false; },
    onDone: (more) => { if (!more) sign.hidden = true; },
  });
  page.ask = (message) => { problem.hidden = true; kept.textContent = ""; line.ask(message); };
  page.filters = () => Object.fromEntries(Object.entries(shown.filters));
  const copy = async (content) => { await navigator.clipboard.writeText(content); kept.textContent = page.words.copied; };
  const draw = () => {
    const at = root.getRootNode().activeElement, path = root.contains(at) ? at?.dataset?.path : null;
    const from = at?.selectionStart;
    title.textContent = shown.title;
    counted.textContent = said(page.words.of, { n: shown.found.toLocaleString(), total: shown.total.toLocaleString() });
    bar.replaceChildren(
      button(page.words.grid, () => { board = false; draw(); }, { class: "wbx-tab", "aria-pressed": String(!board) }),
      ...(shown.board ? [button(page.words.board, () => { board = true; draw(); }, { class: "wbx-tab", "aria-pressed": String(board) })] : []),
      textBox(page.words.search, shown.search, page.words.search, (value) => page.ask({ do: "show", search: value }), "search"),
      button(page.words.copy_yaml, () => copy(shown.yaml)), sign);
    body.replaceChildren(...(board && shown.board ? boardOf(page, shown) : gridOf(page, shown)));
    pending.hidden = !shown.pending.length;
    if (!pending.hidden) {
      pending.replaceChildren(make("h4", { text: page.words.preview }), make("div", { class: "wbx-scroll" }, tableOf(shown.preview)),
        make("div", { class: "wbx-line" }, button(page.words.save, () => page.ask({ do: "save" })), button(page.words.discard_all, () => page.ask({ do: "discard" }))));
    }
    const again = path ? [...root.querySelectorAll("[data-path]")].find((part) => part.dataset.path === path) : null;
    if (again) { again.focus(); if (typeof from === "number" && again.setSelectionRange) again.setSelectionRange(from, from); }
  };
  page.redraw = draw;
  const heard = (told) => {
    if (told.say === "shown") { shown = told.shown; draw(); }
    else if (told.say === "problem") { draw(); problem.textContent = told.sentence; problem.hidden = false; }
    else if (told.say === "kept") kept.textContent = told.sentence;
    else if (told.say === "done") line.done(told.ticket);
  };
  model.on("msg:custom", heard);
  root.addEventListener("keydown", (event) => event.stopPropagation());
  root.append(title, bar, counted, problem, kept, pending, body);
  el.append(root);
  line.ask({ do: "hello" });
  return () => { model.off("msg:custom", heard); line.stop(); };
};
