// The page of one account: chosen by name, narrowed to a time, part below part.
const zoomable = (spec) => {
  const isTime = (encoding) => encoding?.x?.type === "temporal";
  let number = 0;
  const walk = (part) => {
    if (part.vconcat) return { ...part, vconcat: part.vconcat.map(walk) };
    if (part.hconcat) return { ...part, hconcat: part.hconcat.map(walk) };
    const layers = part.layer ?? [part];
    if (!isTime(part.encoding) && !layers.some((layer) => isTime(layer.encoding))) return part;
    const param = { name: `wbx_zoom_${++number}`, select: { type: "interval", encodings: ["x"] }, bind: "scales" };
    if (!part.layer) return { ...part, params: [...(part.params ?? []), param] };
    const first = part.layer.findIndex((layer) => isTime(layer.encoding) || isTime(part.encoding));
    return { ...part, layer: part.layer.map((layer, at) => (at === first ? { ...layer, params: [...(layer.params ?? []), param] } : free(layer))) };
  };
  // One layer says where time begins and ends; the scale that is moved belongs to it.
  const free = (layer) => {
    const { domain, ...scale } = layer.encoding?.x?.scale ?? {};
    return domain === undefined ? layer : { ...layer, encoding: { ...layer.encoding, x: { ...layer.encoding.x, scale } } };
  };
  return walk(spec);
};

const render = ({ model, el }) => {
  const page = { words: model.get("words"), quiet: false };
  const root = make("div", { class: "wbx wbx-account" });
  const bar = make("div", { class: "wbx-bar", role: "toolbar", "aria-label": page.words.account });
  const problem = make("div", { class: "wbx-problem", role: "alert", hidden: true });
  const sign = make("span", { class: "wbx-working", role: "status", hidden: true, text: page.words.working });
  const title = make("h2", { class: "wbx-headline", dir: "auto" });
  const body = make("div", {});
  const charts = new Map(), searches = new Map();
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
      charts.set(section.name, chartIn(model, part.querySelector(".wbx-figure"), () => {}));
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
      const spec = section.name === "history" ? zoomable(section.spec) : section.spec;
      charts.get(section.name).draw(spec, section.headline).catch(() => charts.get(section.name).draw(section.spec, section.headline));
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
