// The picture of an answer: the last one stays until the next is drawn.
const isDark = () => document.body.dataset.jpThemeLight === "false"
  || (document.body.dataset.jpThemeLight === undefined && matchMedia("(prefers-color-scheme: dark)").matches);
const refusedLoad = () => Promise.reject(new Error("An explorer loads nothing."));
const chartLoader = { load: refusedLoad, http: refusedLoad, file: refusedLoad, sanitize: refusedLoad };

const library = (model) => {
  if (globalThis.vegaEmbed) return Promise.resolve();
  globalThis.wbxLibrary ??= new Promise((resolve, reject) => {
    const heard = (message) => {
      if (message.say !== "library") return;
      model.off("msg:custom", heard);
      const address = URL.createObjectURL(new Blob([message.text], { type: "text/javascript" }));
      const script = make("script", { src: address, type: "module", on: { load: resolve, error: reject } });
      document.head.append(script);
    };
    model.on("msg:custom", heard);
    model.send({ do: "library" });
  });
  return globalThis.wbxLibrary;
};

const chartIn = (model, holder, onMark) => {
  let view = null, drawing = 0;
  const draw = async (spec, alt) => {
    const mine = ++drawing;
    await library(model);
    if (mine !== drawing) return;
    const place = make("div", { class: "wbx-picture" });
    const waiting = make("div", { class: "wbx-offstage" }, place);
    holder.append(waiting);
    try {
      const drawn = await globalThis.vegaEmbed(place, isDark() ? wbxDarkened(spec) : spec, {
        mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, loader: chartLoader, logLevel: 1,
      });
      if (mine !== drawing) { drawn.finalize(); waiting.remove(); return; }
      view?.finalize();
      view = drawn;
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", alt);
      holder.replaceChildren(place);
      drawn.view.addEventListener("click", (event, item) => { if (item?.datum) onMark(item.datum, event.ctrlKey || event.metaKey || event.shiftKey); });
    } catch (error) {
      waiting.remove();
      throw error;
    }
  };
  return { draw, stop: () => { drawing += 1; view?.finalize(); } };
};

const WBX_INK = "#e6e8eb", WBX_QUIET = "#a3a9b1", WBX_LINE = "#2c3036";
const wbxTurned = (colour) => {
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!long) return { black: WBX_INK, white: "#15171a" }[colour] ?? colour;
  const parts = long.slice(1).map((part) => parseInt(part, 16));
  if (Math.max(...parts) - Math.min(...parts) > 30) return colour;
  const level = Math.round(24 + (255 - (parts[0] + parts[1] + parts[2]) / 3) * 0.82);
  return "#" + [0, 2, 6].map((tint) => (level + tint).toString(16).padStart(2, "0")).join("");
};
const wbxDarkened = (value, key) => {
  if (typeof value === "string") return wbxTurned(value);
  if (key === "data" || key === "datasets") return value;
  if (Array.isArray(value)) return value.map((item) => wbxDarkened(item));
  if (value === null || typeof value !== "object") return value;
  const result = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, wbxDarkened(item, name)]));
  if (key === undefined && result.config) {
    result.config = { ...result.config,
      axis: { ...result.config.axis, labelColor: WBX_QUIET, titleColor: WBX_QUIET, gridColor: WBX_LINE },
      text: { ...result.config.text, color: WBX_INK } };
  }
  return result;
};
