// The same rows as lanes; a card that is moved to another lane is an edit of its lane.
const boardOf = (page, shown) => {
  const { lane, lanes } = shown.board, can = shown.editable.includes(lane);
  const move = (key, to) => page.ask({ do: "edit", key, column: lane, value: to });
  const moved = new Set(shown.pending.filter(([, column]) => column === lane).map(([key]) => key));
  return [make("div", { class: "wbx-board" }, ...lanes.map((one) => {
    const cards = one.cards.map(([key, texts]) => make("li", { class: moved.has(key) ? "wbx-card wbx-changed" : "wbx-card", draggable: can, data: { key },
      on: { dragstart: (event) => { event.dataTransfer.setData("text/x-card", key); event.dataTransfer.effectAllowed = "move"; } } },
      make("div", { class: "wbx-body" }, make("strong", {}, make("bdi", { text: texts[0] })), ...texts.slice(1).map((text) => make("div", { class: "wbx-note" }, make("bdi", { text }))),
        can ? choices(`${page.words.move}: ${texts[0]}`, [["", page.words.move], ...lanes.filter((other) => other.lane && other.lane !== one.lane).map((other) => [other.lane, other.lane])], "",
          (to) => { if (to) move(key, to); }, `move.${key}`) : null)));
    const more = one.count > one.cards.length ? make("p", { class: "wbx-note", text: said(page.words.more, { n: one.count - one.cards.length }) }) : null;
    return make("section", { class: "wbx-lane", data: { lane: one.lane }, on: can ? {
      dragover: (event) => { if (event.dataTransfer.types.includes("text/x-card")) { event.preventDefault(); event.currentTarget.classList.add("wbx-over"); } },
      dragleave: (event) => event.currentTarget.classList.remove("wbx-over"),
      drop: (event) => { event.preventDefault(); event.currentTarget.classList.remove("wbx-over"); move(event.dataTransfer.getData("text/x-card"), one.lane); },
    } : {} }, make("h4", { dir: "auto", text: `${one.lane || "–"} · ${one.count.toLocaleString()}` }), make("ul", {}, ...cards), more);
  }))];
};
