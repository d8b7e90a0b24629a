// The bar above and the line of sentences below the canvas, and the tip beside a thing.

function barOf(ed) {
  const words = ed.words;
  ed.undo = button(words.undo, () => ed.line.gesture({ kind: "undo" }), { title: "Ctrl+Z" });
  ed.redo = button(words.redo, () => ed.line.gesture({ kind: "redo" }), { title: "Ctrl+Y" });
  ed.settings = {
    container: choice(ed, "container", words.container),
    primary: choice(ed, "primary", words.primary),
    percent: choice(ed, "percent", words.percent),
    segment: choice(ed, "segment", words.onlySegment),
    period: make("input", { type: "text", class: "wbc-period", placeholder: words.periodUsual, "aria-label": words.period,
      title: words.period, change: (event) => set(ed, "period", event.target.value.trim()),
      keydown: (event) => event.stopPropagation() }),
  };
  return make("div", { class: "wbc-bar", role: "toolbar", "aria-label": words.tools },
    make("span", { class: "wbc-group" }, ed.undo, ed.redo),
    make("span", { class: "wbc-group" },
      button("−", () => zoomed(ed, 1 / 1.25), { title: words.zoomOut, "aria-label": words.zoomOut }),
      button("+", () => zoomed(ed, 1.25), { title: words.zoomIn, "aria-label": words.zoomIn }),
      button(words.fit, () => fit(ed)),
      button(words.tidy, () => ed.line.gesture({ kind: "tidy" }), { title: words.tidyHint })),
    ...Object.entries(ed.settings).map(([name, control]) =>
      make("label", { class: "wbc-group" }, make("span", { text: words[`${name}Short`] }), control)),
    make("span", { class: "wbc-group" },
      button("YAML", () => yamlPanel(ed)),
      button("Python", () => pythonPanel(ed)),
      button(words.keysTitle, () => keysPanel(ed))));
}

function choice(ed, name, label) {
  return make("select", { "aria-label": label, title: label,
    change: (event) => set(ed, name, ed.picture.choices[name][event.target.selectedIndex].value) });
}

function set(ed, name, value) {
  ed.line.gesture({ kind: "set", name, value });
}

function setBar(ed) {
  const { choices, settings } = ed.picture;
  ed.settings.segment.parentElement.hidden = choices.segment.length < 2;
  for (const name of ["container", "primary", "percent", "segment"]) {
    const wanted = JSON.stringify(settings[name] ?? choices[name][0].value);
    ed.settings[name].replaceChildren(...choices[name].map(({ value, label }) => {
      const option = make("option", { text: label });
      option.selected = JSON.stringify(value) === wanted;
      return option;
    }));
  }
  if (document.activeElement !== ed.settings.period || !ed.picture.problems.length) {
    ed.settings.period.value = settings.period || "";
  }
  ed.undo.disabled = !ed.picture.undo;
  ed.redo.disabled = !ed.picture.redo;
}

function footOf(ed) {
  ed.notes = make("div", { class: "wbc-small" });
  ed.headline = make("div", { class: "wbc-headline", role: "status", "aria-live": "polite" });
  ed.wrong = make("div", { class: "wbc-said-wrong", role: "alert" });
  ed.told = make("div", { class: "wbc-told", role: "status", "aria-live": "polite" });
  ed.sign = make("div", { class: "wbc-sign", hidden: true, role: "status" });
  return make("div", { class: "wbc-foot" }, ed.sign, ed.headline, ed.notes, ed.wrong, ed.told);
}

// A sentence of the moment; nothing takes the last one away.
function tell(ed, text, wrong = false) {
  say(ed.told, text);
  ed.told.classList.toggle("wbc-said-wrong", wrong);
}

function setFoot(ed) {
  say(ed.headline, ed.picture.nodes.length ? ed.picture.headline : "");
  say(ed.notes, ed.picture.notes.join(" · "));
  if (ed.picture.said) tell(ed, ed.picture.said);
  say(ed.wrong, ed.picture.problems.map((problem) => problem.text).join(" "));
  for (const [name, control] of Object.entries(ed.settings)) {
    control.classList.toggle("wbc-wrong", ed.picture.problems.some((problem) => problem.control === name));
  }
  const pasted = ed.picture.problems.find((problem) => problem.control === "yaml");
  if (ed.yamlSaid) say(ed.yamlSaid, pasted ? pasted.text : "");
  if (ed.formSaid) say(ed.formSaid, ed.picture.problems.filter(({ node, arrow }) => node || arrow.length).map(({ text }) => text).join(" "));
  besideThing(ed);
}

// A refusal stands beside the thing that it is about until the next gesture.
function besideThing(ed) {
  for (const old of ed.things.querySelectorAll(".wbc-beside")) old.remove();
  for (const { text, node, arrow } of ed.picture.problems) {
    const number = ed.picture.arrows.findIndex((each) => each.from === arrow[0] && each.to === arrow[1]);
    const element = elementOf(ed, node ? { node } : number < 0 ? null : { arrow: number });
    if (element) element.append(make("div", { class: "wbc-beside", text }));
  }
}

function setSign(ed) {
  const { state } = ed.line;
  const text = { dead: ed.words.dead, silent: ed.words.silent, slow: ed.words.slow }[state] || "";
  ed.sign.hidden = !text;
  ed.root.classList.toggle("wbc-dead", state === "dead");
  ed.root.classList.toggle("wbc-busy", state === "slow" || state === "silent");
  const more = state === "silent" ? [button(ed.words.again, () => ed.line.again())] : [];
  ed.sign.replaceChildren(make("span", { class: state === "slow" ? "wbc-turning" : null, text }), ...more);
}

function tipOf(ed) {
  ed.tip = make("div", { class: "wbc-tip", role: "tooltip", hidden: true });
  return ed.tip;
}

function showTip(ed, thing) {
  if (!thing || ed.dragging || ed.menu) return hideTip(ed);
  const what = thing.node === undefined ? ed.picture.arrows[thing.arrow] : nodeOf(ed, thing.node);
  const element = elementOf(ed, thing);
  if (!what || !element) return hideTip(ed);
  const title = thing.node === undefined ? filled(ed.words.arrowTitle, arrowWords(ed, thing.arrow)) : what.label;
  const wrong = what.problem ? [make("div", { class: "wbc-said-wrong", text: what.problem })] : [];
  ed.tip.replaceChildren(make("b", { text: title }), ...what.tip.map((text) => make("div", { text })), ...wrong);
  ed.tip.hidden = false;
  return putTip(ed, element);
}

function putTip(ed, element) {
  const frame = ed.root.getBoundingClientRect();
  const own = element.getBoundingClientRect();
  const below = own.bottom - frame.top + 6;
  const room = frame.height - below > ed.tip.offsetHeight + 4;
  ed.tip.style.left = `${near(own.left - frame.left, 4, Math.max(4, frame.width - ed.tip.offsetWidth - 4))}px`;
  ed.tip.style.top = `${room ? below : Math.max(4, own.top - frame.top - ed.tip.offsetHeight - 6)}px`;
}

function hideTip(ed) {
  clearTimeout(ed.tipping);
  ed.tip.hidden = true;
}

function hovered(ed, event) {
  const thing = thingAt(event.target);
  clearTimeout(ed.tipping);
  if (!thing) return hideTip(ed);
  ed.tipping = setTimeout(() => showTip(ed, thing), 250);
  return null;
}
