// The page of one account: chosen by name, narrowed to a time, part below part.
// The same picture of another stretch of time: every panel ends where it ends.
const written = (time) => {
  const at = new Date(time);
  return { year: at.getFullYear(), month: at.getMonth() + 1, date: at.getDate(), hours: at.getHours(), minutes: at.getMinutes() };
};
const read = (at) => new Date(at.year, (at.month ?? 1) - 1, at.date ?? 1, at.hours ?? 0, at.minutes ?? 0).getTime();
const spanOf = (part) => {
  if (part === null || typeof part !== "object") return null;
  const domain = part.x?.type === "temporal" ? part.x.scale?.domain : null;
  if (Array.isArray(domain) && domain.length === 2 && domain.every((at) => at?.year)) return domain.map(read);
  for (const [name, item] of Object.entries(part)) {
    const found = name === "data" || name === "datasets" ? null : spanOf(item);
    if (found) return found;
  }
  return null;
};
const ofTime = (spec, [from, to]) => {
  const domain = [written(from), written(to)];
  const inside = (part) => {
    if (Array.isArray(part)) return part.map(inside);
    if (part === null || typeof part !== "object") return part;
    const { data, datasets, ...rest } = part;
    const done = Object.fromEntries(Object.entries(rest).map(([name, item]) => [name, inside(item)]));
    if (done.x?.type === "temporal") done.x = { ...done.x, scale: { ...done.x.scale, domain, nice: false } };
    if (done.mark && done.encoding) done.mark = { ...(typeof done.mark === "string" ? { type: done.mark } : done.mark), clip: true };
    return { ...done, ...(data ? { data } : {}), ...(datasets ? { datasets } : {}) };
  };
  return inside(spec);
};

// The wheel zooms around the pointer, dragging moves, a double click shows all of it; plus and minus
// and the arrow keys do the same from the keyboard.
const SHORTEST = 3 * 86_400_000;
const zoomIn = (figure, draw) => {
  let spec = null, whole = null, now = null, drawing = false, again = false, dragged = null;
  const redraw = async () => {
    if (drawing) { again = true; return; }
    drawing = true;
    await draw(ofTime(spec, now)).catch(() => {});
    drawing = false;
    if (again) { again = false; redraw(); }
  };
  const panel = () => {
    const boxes = [...figure.querySelectorAll("svg .background")].map((one) => one.getBoundingClientRect()).filter((box) => box.width > 50);
    const widest = Math.min(...boxes.map((box) => box.width));
    return boxes.find((box) => box.width === widest) ?? figure.getBoundingClientRect();
  };
  const to = (from, until) => {
    const length = Math.min(Math.max(until - from, SHORTEST), whole[1] - whole[0]);
    const begin = Math.min(Math.max(from, whole[0]), whole[1] - length);
    now = [begin, begin + length];
    figure.dataset.from = new Date(now[0]).toISOString().slice(0, 10);
    figure.dataset.until = new Date(now[1]).toISOString().slice(0, 10);
    redraw();
  };
  const around = (part, factor) => {
    const length = now[1] - now[0], at = now[0] + part * length;
    to(at - part * length * factor, at + (1 - part) * length * factor);
  };
  const move = (part) => { const length = now[1] - now[0]; to(now[0] + part * length, now[1] + part * length); };
  const partAt = (event) => { const box = panel(); return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)); };
  figure.tabIndex = 0;
  figure.addEventListener("wheel", (event) => { if (!whole) return; event.preventDefault(); around(partAt(event), event.deltaY < 0 ? 0.8 : 1.25); }, { passive: false });
  figure.addEventListener("pointerdown", (event) => { if (whole) { dragged = { x: event.clientX, from: now[0] }; figure.setPointerCapture(event.pointerId); } });
  figure.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const length = now[1] - now[0], from = dragged.from - ((event.clientX - dragged.x) / panel().width) * length;
    to(from, from + length);
  });
  for (const name of ["pointerup", "pointercancel"]) figure.addEventListener(name, () => { dragged = null; });
  figure.addEventListener("dblclick", () => { if (whole) to(...whole); });
  figure.addEventListener("keydown", (event) => {
    const act = { "+": () => around(0.5, 0.8), "-": () => around(0.5, 1.25), ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), 0: () => to(...whole) }[event.key];
    if (!act || !whole) return;
    event.preventDefault();
    act();
  });
  return (given, span) => { spec = given; whole = span; now = [...span]; redraw(); };
};

const render = ({ model, el }) => {
  const page = { words: model.get("words"), quiet: false };
  const root = make("div", { class: "wbx wbx-account" });
  const bar = make("div", { class: "wbx-bar", role: "toolbar", "aria-label": page.words.account });
  const problem = make("div", { class: "wbx-problem", role: "alert", hidden: true });
  const sign = make("span", { class: "wbx-working", role: "status", hidden: true, text: page.words.working });
  const title = make("h2", { class: "wbx-headline", dir: "auto" });
  const body = make("div", {});
  const charts = new Map(), zooms = new Map(), searches = new Map();
  let searching = 0;
  const line = lineTo(model, {
    onSlow: () => { sign.hidden = false; body.classList.add("wbx-old"); },
    onLost: () => { sign.hidden = true; problem.textContent = page.words.nowhere; problem.hidden = false; },
    onDone: (more) => { if (!more) { sign.hidden = true; body.classList.remove("wbx-old"); } },
  });
  page.search = (field, words, show) => {
    searching += 1;
    searches.clear();
    searches.set(searching, (found) => show({ ...found, items: found.items.map((item) => ({ value: item.label, key: item.value })) }));
    model.send({ do: "search", id: searching, text: words });
  };
  const keyOf = (label) => (label.includes(" · ") ? label.slice(label.lastIndexOf(" · ") + 3) : label);
  const copy = async (content) => {
    await navigator.clipboard.writeText(content);
    note.textContent = page.words.copied;
    setTimeout(() => { note.textContent = ""; }, 2000);
  };
  const note = make("span", { class: "wbx-note", role: "status" });
  const partOf = (section) => {
    let part = body.querySelector(`[data-part="${section.name}"]`);
    if (!part) {
      part = make("section", { class: "wbx-part", data: { part: section.name } }, make("h3", {}), make("p", { class: "wbx-said", dir: "auto" }),
        make("div", { class: "wbx-figure" }), make("p", { class: "wbx-note", data: { zoom: "1" }, hidden: true, text: page.words.zoom }), make("details", { class: "wbx-more" }, make("summary", {}), make("div", { class: "wbx-scroll" })));
      body.append(part);
      const chart = chartIn(model, part.querySelector(".wbx-figure"), () => {});
      charts.set(section.name, chart);
      if (section.name === "history") zooms.set(section.name, zoomIn(part.querySelector(".wbx-figure"), (spec) => chart.draw(spec, section.headline)));
    }
    return part;
  };
  const drawPart = (section) => {
    const part = partOf(section);
    part.querySelector("h3").textContent = section.title;
    part.querySelector(".wbx-said").textContent = section.headline;
    part.classList.toggle("wbx-absent", Boolean(section.absent));
    const figure = part.querySelector(".wbx-figure"), more = part.querySelector("details");
    figure.hidden = !section.spec;
    part.querySelector("[data-zoom]").hidden = section.name !== "history" || !section.spec;
    if (section.spec) {
      const span = spanOf(section.spec);
      if (section.name === "history" && span) zooms.get(section.name)(section.spec, span);
      else charts.get(section.name).draw(section.spec, section.headline);
    }
    more.hidden = !section.table?.rows.length;
    if (!more.hidden) {
      more.open = !section.spec;
      const counted = said(page.words.rows, { n: section.table.rows.length, total: section.table.total });
      more.querySelector("summary").textContent = counted;
      more.querySelector("div").replaceChildren(tableOf(section.table));
    }
  };
  const show = (shown) => {
    problem.hidden = true;
    title.textContent = shown.name;
    const account = picker(page, { value: shown.name, label: page.words.account, field: () => "account", path: "account", free: true,
      onPick: (label) => { if (label) line.ask({ do: "set", name: "account", value: keyOf(label) }); } });
    const period = textBox(page.words.period, shown.period, "2026-01..2026-06", (value) => line.ask({ do: "set", name: "period", value }), "period");
    bar.replaceChildren(account, period,
      iconButton("↶", page.words.undo, () => line.ask({ do: "undo" }), { disabled: !shown.undo }),
      iconButton("↷", page.words.redo, () => line.ask({ do: "redo" }), { disabled: !shown.redo }),
      button(page.words.copy_yaml, () => copy(shown.yaml)), button(page.words.copy_python, () => copy(shown.python)), sign, note);
    shown.sections.forEach(drawPart);
    root.dataset.account = shown.account;
  };
  const heard = (told) => {
    if (told.say === "shown") show(told.shown);
    else if (told.say === "found") { searches.get(told.id)?.(told); searches.delete(told.id); }
    else if (told.say === "problem") { problem.textContent = told.sentence; problem.hidden = false; }
    else if (told.say === "done") line.done(told.ticket);
  };
  model.on("msg:custom", heard);
  root.addEventListener("keydown", (event) => event.stopPropagation());
  root.append(bar, problem, title, body);
  el.append(root);
  line.ask({ do: "hello" });
  return () => { model.off("msg:custom", heard); line.stop(); for (const chart of charts.values()) chart.stop(); };
};
