// Headline, picture, table, and who stands behind a row.
const answerIn = (page, model) => {
  const headline = make("h3", { class: "wbx-headline", dir: "auto", "aria-live": "polite" });
  const sign = make("span", { class: "wbx-working", role: "status", hidden: true, text: page.words.working });
  const problem = make("div", { class: "wbx-problem", role: "alert", hidden: true });
  const figure = make("div", { class: "wbx-figure" });
  const reading = make("p", { class: "wbx-note", dir: "auto" });
  const notes = make("ul", { class: "wbx-note" });
  const table = make("div", { class: "wbx-scroll" });
  const members = make("div", { class: "wbx-members", hidden: true });
  const chosen = new Set();
  let answer = null, outcomes = [], outcome = "", mark = [];
  const which = () => (mark.length ? { marks: mark } : { rows: [...chosen] });
  const open = () => page.ask({ do: "open", ...which(), outcome });
  const choose = (place, further) => {
    mark = [];
    if (!further) chosen.clear();
    if (further && chosen.has(place)) chosen.delete(place); else chosen.add(place);
    drawTable();
    open();
  };
  const drawTable = () => {
    if (!answer) return;
    const more = answer.table.total > answer.table.rows.length
      ? make("p", { class: "wbx-note", text: said(page.words.rows, { n: answer.table.rows.length, total: answer.table.total }) }) : null;
    table.replaceChildren(make("p", { class: "wbx-note", text: page.words.open_row }), tableOf(answer.table, { chosen, onChoose: choose }), ...(more ? [more] : []));
  };
  // What a mark carries, as plain values; with Ctrl, Shift or the command key it joins the others.
  const onMark = (datum, further) => {
    const plain = Object.fromEntries(Object.entries(datum).filter(([, value]) => value === null || typeof value !== "object"));
    mark = further ? [...mark, plain] : [plain];
    chosen.clear();
    drawTable();
    open();
  };
  const chart = chartIn(model, figure, onMark);
  const about = sayings(page, () => (members.hidden ? { rows: [] } : which()));
  const ofAll = sayings(page, () => ({ rows: [] }));
  // A picture that is a little too wide is made smaller; one that is much too wide is moved sideways.
  const fit = () => {
    const svg = figure.querySelector("svg"), wide = Number(svg?.getAttribute("width"));
    if (wide) Object.assign(svg.style, { maxWidth: "100%", height: "auto", minWidth: `${Math.round(wide * 0.75)}px` });
  };
  const draw = (told) => {
    answer = told.answer;
    figure.classList.remove("wbx-old");
    for (const part of parts) part.hidden = false;
    chosen.clear();
    mark = [];
    outcome = "";
    members.hidden = true;
    headline.textContent = answer.headline;
    reading.textContent = answer.reading;
    notes.replaceChildren(...answer.notes.map((note) => make("li", { text: note, dir: "auto" })));
    root.dataset.tookMs = String(Math.round(told.took_ms));
    root.dataset.answers = String(Number(root.dataset.answers ?? 0) + 1);
    drawTable();
    chart.draw(answer.spec, answer.alt).then(() => { fit(); root.dataset.drawn = root.dataset.answers; })
      .catch((error) => { figure.replaceChildren(make("p", { class: "wbx-problem", text: String(error) })); });
  };
  const showMembers = (told) => {
    const tabs = outcomes.map((name) => button(name.replace("_", " "), () => { outcome = name; open(); },
      { class: "wbx-tab", "aria-pressed": String(name === (outcome || outcomes[0])) }));
    const called = make("input", { type: "text", class: "wbx-input wbx-short", placeholder: page.words.segment_name, "aria-label": page.words.segment_name });
    members.hidden = false;
    const deeds = told.deeds.map(([name, label]) => button(label, () => page.ask({ do: "deed", ...which(), deed: name })));
    about.place.hidden = true;
    members.replaceChildren(make("h4", { text: `${page.words.members}: ${told.rows.toLocaleString()}` }),
      make("div", { class: "wbx-line" }, ...deeds, ...about.buttons([["comment", page.words.add_comment], ["alert", page.words.add_alert]])), about.place, make("div", { class: "wbx-line" }, ...tabs, ...(told.segments ? [called, button(page.words.segment, () => page.ask({ do: "segment", name: "row", ...which(), outcome, called: called.value }))] : [])),
      make("div", { class: "wbx-problem", role: "alert", hidden: true, data: { problem: "row" } }),
      make("div", { class: "wbx-scroll" }, tableOf(told.table)));
  };
  const about_all = make("div", { class: "wbx-line" }, ...ofAll.buttons([["comment", page.words.add_comment], ["annotate", page.words.add_note], ["report", page.words.add_report]]));
  const lines = make("details", { class: "wbx-more", open: true }, make("summary", { text: page.words.table }), table);
  // There is nothing to say about an answer, and no table of it, until there is one.
  const parts = [about_all, lines, figure, reading, notes];
  for (const part of parts) part.hidden = true;
  const root = make("section", { class: "wbx-answer" }, make("div", { class: "wbx-line" }, headline, sign), problem,
    about_all, ofAll.place, figure, reading, notes, lines, members);
  const clear = () => {
    answer = null;
    chart.stop();
    headline.textContent = "";
    for (const part of [...parts, ofAll.place, members]) part.hidden = true;
  };
  return {
    root, draw, showMembers, clear,
    old: () => { figure.classList.add("wbx-old"); },
    working: (on) => { sign.hidden = !on; if (on) figure.classList.add("wbx-old"); },
    told: (sentence, kind) => { problem.textContent = sentence; problem.hidden = !sentence; problem.classList.toggle("wbx-waiting", kind === "waiting"); },
    outcomes: (names) => { outcomes = names; if (!names.includes(outcome)) outcome = ""; },
    showAudience: (told) => {
      members.querySelector("[data-part=audience]")?.remove();
      members.append(make("div", { data: { part: "audience" } }, make("div", { class: "wbx-scroll" }, tableOf(told.table))));
    },
    say: (...parts) => { members.hidden = false; members.replaceChildren(...parts); },
    stop: chart.stop,
  };
};
