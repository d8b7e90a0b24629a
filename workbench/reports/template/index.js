"use strict";
(async () => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const source = document.getElementById("all-runs");
  const form = document.getElementById("find");
  if (!source) return;
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const count = (number) => number.toLocaleString("en-US");
  const list = document.querySelector("#runs .runs");
  const more = document.querySelector("#runs .more");
  const told = document.querySelector("#runs .count");
  const above = document.querySelector("#latest .count");
  const latest = [...document.querySelectorAll("#latest [data-name]")];
  const STEP = 50;

  let given;
  try {
    given = JSON.parse(await unpacked(source.textContent));
  } catch {
    told.textContent = texts.unread;
    return;
  }
  source.remove();
  const t = given.texts;
  const low = t.map((text) => text.toLocaleLowerCase());
  const runs = given.runs.map(([page, made, ok, name, title, notebook, workspace, asOf, period, why,
    parameters, figures, answers]) => ({ page, made, ok, name, title, notebook, workspace, asOf, period,
    why, parameters, figures, answers }));
  const newest = new Map();
  for (const run of runs) if (!newest.has(t[run.name])) newest.set(t[run.name], run);

  // Everything a run says, in small letters; made when it is first looked for.
  const said = (run) => (run.said ??= [run.name, run.title, run.workspace, run.notebook, run.asOf, run.period,
    run.why, ...run.parameters.flat(), ...run.figures.flat(), ...run.answers]
    .map((place) => low[place]).join("\n") + "\n" + run.made.replace("T", " "));
  const pairs = (run) => (run.pairs ??= run.parameters.map(([key, value]) => low[key] + ": " + low[value]));

  const options = (field, places) => {
    const names = [...new Set(places)].map((place) => t[place]).filter(Boolean).sort();
    field.replaceChildren(new Option(texts.every, ""), ...names.map((name) => new Option(name, name)));
    return names.length;
  };
  options(form.notebook, runs.map((run) => run.notebook));
  options(form.workspace, runs.map((run) => run.workspace));
  options(form.report, runs.map((run) => run.name));
  const seen = new Map();
  for (const run of runs) {
    for (const [key, value] of run.parameters) {
      const text = t[key] + ": " + t[value];
      if (text.length < 90) seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    if (seen.size > 400) break;
  }
  document.getElementById("parameters").replaceChildren(
    ...[...seen.keys()].sort().slice(0, 300).map((text) => new Option(text)));

  const value = (name) => form.elements[name].value.trim();
  const fits = (run, wanted) => (!wanted.status || run.ok === (wanted.status === "ok" ? 1 : 0))
    && (!wanted.notebook || t[run.notebook] === wanted.notebook)
    && (!wanted.workspace || t[run.workspace] === wanted.workspace)
    && (!wanted.report || t[run.name] === wanted.report)
    && (!wanted.parameter || pairs(run).some((pair) => pair.includes(wanted.parameter)))
    && wanted.words.every((word) => said(run).includes(word));

  const add = (parent, name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) { element.textContent = text; element.dir = "auto"; }
    parent.append(element);
    return element;
  };
  const item = (run) => {
    const line = document.createElement("li");
    const link = add(add(line, "span", "when"), "a", "", run.made.slice(0, 16).replace("T", " "));
    link.href = run.page.split("/").map(encodeURIComponent).join("/");
    link.setAttribute("aria-label", t[run.title] + ", " + run.made.slice(0, 16).replace("T", " ") + " UTC");
    const what = add(line, "div", "what");
    add(what, "span", "title", t[run.title]);
    const about = add(what, "div", "about");
    add(about, "span", run.ok ? "badge" : "badge failed", run.ok ? texts.ok : texts.failed);
    add(about, "span", "", [t[run.workspace], t[run.asOf] && say(texts.asOf, { instant: t[run.asOf] }), t[run.period],
      t[run.name]].filter(Boolean).join(" · "));
    if (!run.ok && t[run.why]) add(what, "p", "why", t[run.why]);
    if (run.figures.length) {
      const row = add(what, "div", "figures-line");
      for (const [label, figure, change] of run.figures.slice(0, 3)) {
        const mini = add(row, "span", "mini");
        add(mini, "span", "", t[label] + " ");
        add(mini, "strong", "", t[figure]);
        if (t[change]) add(mini, "span", "", " " + t[change]);
      }
    }
    return line;
  };

  let found = runs;
  let shown = 0;
  const showMore = () => {
    const next = found.slice(shown, shown + STEP);
    list.append(...next.map(item));
    shown += next.length;
    const left = Math.min(STEP, found.length - shown);
    more.hidden = left <= 0;
    more.textContent = say(texts.more, { n: count(left) });
  };
  const FIELDS = ["q", "notebook", "workspace", "status", "parameter", "report"];
  const find = () => {
    const wanted = Object.fromEntries(FIELDS.map((name) => [name, value(name)]));
    // Words stand anywhere; what stands in quotation marks stands together.
    wanted.words = [...wanted.q.toLocaleLowerCase().matchAll(/["“”]([^"“”]+)["“”]?|[^\s"“”]+/g)]
      .map(([word, phrase]) => (phrase ?? word).trim()).filter(Boolean);
    wanted.parameter = wanted.parameter.toLocaleLowerCase();
    const all = FIELDS.every((name) => !wanted[name]);
    found = all ? runs : runs.filter((run) => fits(run, wanted));
    form.report.parentElement.hidden = !wanted.report;
    list.replaceChildren();
    shown = 0;
    showMore();
    told.textContent = !found.length ? texts.none : found.length === runs.length
      ? say(runs.length === 1 ? texts.run : texts.runs, { n: count(runs.length) })
      : say(texts.some, { n: count(found.length), total: count(runs.length) });
    // The page of a report is shown while its newest run fits, or itself says what is looked for.
    const names = new Set(found.map((run) => t[run.name]));
    let visible = 0;
    for (const entry of latest) {
      const name = entry.dataset.name;
      const own = newest.has(name) ? fits(newest.get(name), wanted) || (wanted.words.length > 0
        && !wanted.status && names.has(name) && wanted.words.every((word) => entry.textContent.toLocaleLowerCase().includes(word)))
        : wanted.words.every((word) => entry.textContent.toLocaleLowerCase().includes(word))
          && FIELDS.slice(1).every((field) => !wanted[field]);
      entry.hidden = !all && !own;
      visible += entry.hidden ? 0 : 1;
    }
    above.textContent = all ? "" : visible ? say(texts.report, { n: count(visible), total: count(latest.length) }) : texts.nothing;
    const kept = FIELDS.filter((name) => wanted[name]).map((name) => name + "=" + encodeURIComponent(value(name)));
    const hash = kept.length ? "#" + kept.join("&") : "";
    if (location.hash !== hash && (kept.length || /[=]/.test(location.hash))) {
      history.replaceState(null, "", location.pathname + hash);
    }
  };

  let later = 0;
  form.addEventListener("input", () => { clearTimeout(later); later = setTimeout(find, 60); });
  form.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  form.addEventListener("reset", () => setTimeout(find));
  more.addEventListener("click", () => {
    const first = shown;
    showMore();
    list.children[first]?.querySelector("a").focus();
  });
  for (const button of document.querySelectorAll(".history")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const name of FIELDS) form.elements[name].value = "";
      form.report.value = button.dataset.report;
      find();
      document.getElementById("runs").scrollIntoView();
      list.querySelector("a")?.focus({ preventScroll: true });
    });
  }
  for (const part of location.hash.slice(1).split("&")) {
    const [name, text] = part.split("=");
    if (FIELDS.includes(name) && text) {
      try { form.elements[name].value = decodeURIComponent(text); } catch { /* not ours */ }
    }
  }
  form.hidden = false;
  find();
  document.documentElement.dataset.ready = "";
})();
