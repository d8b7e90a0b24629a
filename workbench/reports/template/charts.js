"use strict";
(() => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const INK = "#e6e8eb", QUIET = "#a3a9b1", LINE = "#2c3036", STRONG = "#454b53";
  const DARK = {
    background: null,
    view: { stroke: "transparent" },
    title: { color: INK, subtitleColor: QUIET },
    axis: { labelColor: QUIET, titleColor: QUIET, gridColor: LINE, domainColor: STRONG, tickColor: STRONG },
    legend: { labelColor: QUIET, titleColor: QUIET },
    header: { labelColor: QUIET, titleColor: QUIET },
    text: { color: INK },
    rule: { color: QUIET },
  };

  const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const merged = (low, high) => {
    const result = { ...low };
    for (const [key, value] of Object.entries(high)) {
      result[key] = isPlain(value) && isPlain(result[key]) ? merged(result[key], value) : value;
    }
    return result;
  };

  // Greys swap light for dark; colours that carry meaning stay what they are.
  const turned = (colour) => {
    const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
    const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
    if (!short && !long) return { black: INK, white: "#15171a" }[colour] ?? colour;
    const parts = (short ?? long).slice(1).map((part) => parseInt(short ? part + part : part, 16));
    if (Math.max(...parts) - Math.min(...parts) > 30) return colour;
    const mean = (parts[0] + parts[1] + parts[2]) / 3;
    const level = Math.round(24 + (255 - mean) * 0.82);
    return "#" + [0, 2, 6].map((tint) => (level + tint).toString(16).padStart(2, "0")).join("");
  };
  const darkened = (value, key) => {
    if (typeof value === "string") return turned(value);
    if (key === "data" || key === "datasets") return value;
    if (Array.isArray(value)) return value.map((item) => darkened(item, key));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, darkened(item, name)]));
  };

  const COMPOSED = ["hconcat", "vconcat", "concat", "repeat", "facet"];
  const isFaceted = (spec) => ["row", "column", "facet"].some((channel) => spec.encoding?.[channel]);

  const isSingle = (spec) => !COMPOSED.some((key) => key in spec) && !isFaceted(spec);

  // As wide as the page: what `width: "container"` compiles to, without its warning that a height
  // of steps cannot be fitted, which nobody asked for.
  const WIDTH = "isFinite(containerSize()[0]) ? containerSize()[0] : 200";
  const asWideAsThePage = ({ width, signals = [], ...rest }) => ({
    ...rest, autosize: { type: "fit-x", contains: "padding" },
    signals: [{ name: "width", init: WIDTH, on: [{ update: WIDTH, events: "window:resize" }] }, ...signals],
  });

  // Panels that stand side by side stand below each other where there is no room.
  const stacked = (spec) => {
    const { hconcat, concat, columns, facet, encoding, ...rest } = spec;
    const result = { ...rest };
    if (hconcat ?? concat) result.vconcat = hconcat ?? concat;
    if (encoding) {
      const { column, ...others } = encoding;
      result.encoding = column && !others.row ? { ...others, row: column } : encoding;
      if (others.facet) result.encoding = { ...result.encoding, facet: { ...others.facet, columns: 1 } };
    }
    if (facet && ("row" in facet || "column" in facet)) {
      result.facet = { row: facet.row ?? facet.column, ...(facet.row && facet.column ? { column: facet.column } : {}) };
    } else if (facet) { result.facet = facet; result.columns = 1; }
    return result;
  };
  // The same panels, each narrower; a scale that ends before its panel does keeps that distance.
  const LEAST = 150;
  const narrowed = (spec, less) => {
    const drop = (part, by) => {
      if (Array.isArray(part)) return part.map((item) => drop(item, by));
      if (!isPlain(part)) return part;
      return Object.fromEntries(Object.entries(part).map(([key, value]) => [key,
        key === "rangeMax" && typeof value === "number" ? Math.max(40, value - by) : drop(value, by)]));
    };
    const panel = (part, by) => {
      if (typeof part.width !== "number" || by <= 0) return part;
      const width = Math.max(LEAST, part.width - by);
      const { data, datasets, ...rest } = part;
      const kept = { ...(data ? { data } : {}), ...(datasets ? { datasets } : {}) };
      return { ...drop(rest, part.width - width), ...kept, width };
    };
    if (isFaceted(spec)) return panel(spec, less);
    if (spec.spec) return { ...spec, spec: panel(spec.spec, less) };
    if (spec.hconcat) return { ...spec, hconcat: spec.hconcat.map((part) => panel(part, less)) };
    if (!spec.vconcat) return spec;
    const widest = Math.max(...spec.vconcat.map((part) => part.width ?? 0));
    return { ...spec, vconcat: spec.vconcat.map((part) => panel(part, (part.width ?? 0) - (widest - less))) };
  };
  // A panel that shows no names of its own leans on the one to its left and never leaves its side.
  const isNameless = (part) => {
    if (Array.isArray(part)) return part.some(isNameless);
    if (!isPlain(part)) return false;
    const axis = part.encoding?.y?.axis;
    if (part.encoding?.y && (axis === null || axis?.labels === false)) return true;
    return ["layer", "hconcat", "vconcat", "concat", "spec"].some((key) => isNameless(part[key]));
  };
  // Panels that leaned on the names of the first one get names of their own, to stand below it.
  const axisOfFirst = (part) => {
    if (Array.isArray(part)) return part.map(axisOfFirst).find((found) => found !== undefined);
    if (!isPlain(part)) return undefined;
    const own = part.encoding?.y;
    if (own && own.axis !== null && own.axis?.labels !== false) return own.axis ?? {};
    return ["layer", "hconcat", "vconcat", "concat", "spec"].map((key) => axisOfFirst(part[key]))
      .find((found) => found !== undefined);
  };
  const named = (part, axis) => {
    if (Array.isArray(part)) return part.map((item) => named(item, axis));
    if (!isPlain(part)) return part;
    const result = { ...part };
    const own = part.encoding?.y;
    if (own && (own.axis === null || own.axis?.labels === false)) {
      const { labels, ...rest } = own.axis ?? {};
      result.encoding = { ...part.encoding, y: { ...own, axis: { ...rest, ...axis } } };
    }
    for (const key of ["layer", "hconcat", "vconcat", "concat", "spec"]) {
      if (key in part) result[key] = named(part[key], axis);
    }
    return result;
  };
  const leaning = (spec) => (isNameless(spec.hconcat?.slice(1)) ? spec.hconcat.length : 0);
  const across = (spec) => (spec.facet?.column || spec.hconcat || spec.concat ? 0 : spec.columns ?? 1);
  // Titles wider than the page are broken into lines: nothing else makes them narrower.
  const lines = (text, most) => {
    if (typeof text !== "string" || text.length <= most) return text;
    const broken = [""];
    for (const word of text.split(" ")) {
      const last = broken.at(-1);
      if (last && last.length + word.length >= most) broken.push(word);
      else broken[broken.length - 1] = last ? last + " " + word : word;
    }
    return broken;
  };
  const KEPT = ["data", "datasets", "tooltip", "y", "y2"]; // a title beside the chart has room
  const wrapped = (part, most) => {
    if (Array.isArray(part)) return part.map((item) => wrapped(item, most));
    if (!isPlain(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => {
      if (KEPT.includes(key)) return [key, value];
      if (key === "title" && typeof value === "string") return [key, lines(value, most)];
      if ((key === "title" || key === "header") && isPlain(value)) {
        const rewrapped = (text) => (Array.isArray(text) ? text.flatMap((line) => lines(line, most)) : lines(text, most));
        return [key, { ...value, ...("text" in value ? { text: rewrapped(value.text) } : {}),
          ...("subtitle" in value ? { subtitle: rewrapped(value.subtitle) } : {}) }];
      }
      return [key, wrapped(value, most)];
    }));
  };
  const fitted = (spec, width, alt, stack, less) => {
    let result = { ...spec, description: spec.description ?? alt };
    if (stack && leaning(result)) {
      const [first, ...others] = result.hconcat;
      result.hconcat = [first, ...named(others, axisOfFirst(first))];
    }
    if (stack) result = stacked(result);
    if (less) result = narrowed(result, less);
    if (width < 560) {
      result = wrapped(result, Math.floor(width * 0.1));
      const limit = Math.round(width * 0.34);
      const narrow = { axis: { labelLimit: limit }, axisY: { labelLimit: limit }, axisX: { labelLimit: 90 } };
      result.config = merged(result.config ?? {}, narrow);
    }
    if (dark.matches) {
      result = darkened(result);
      result.config = merged(result.config ?? {}, DARK);
    }
    return result;
  };

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "tooltip");
  document.body.append(tip);
  const add = (parent, name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    element.dir = "auto";
    parent.append(element);
  };
  const hide = () => { tip.hidden = true; };
  const showTip = (_, event, __, value) => {
    if (value === null || value === undefined || value === "") { hide(); return; }
    tip.replaceChildren();
    if (isPlain(value)) {
      const list = document.createElement("dl");
      for (const [name, text] of Object.entries(value)) {
        add(list, "dt", name);
        add(list, "dd", typeof text === "object" ? JSON.stringify(text) : String(text));
      }
      tip.append(list);
    } else add(tip, "span", String(value));
    tip.hidden = false;
    const x = event.clientX ?? event.touches?.[0]?.clientX ?? 0;
    const y = event.clientY ?? event.touches?.[0]?.clientY ?? 0;
    const left = x + 14 + tip.offsetWidth > innerWidth ? x - 14 - tip.offsetWidth : x + 14;
    const top = y + 14 + tip.offsetHeight > innerHeight ? y - 14 - tip.offsetHeight : y + 14;
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = Math.max(8, top) + "px";
  };
  addEventListener("scroll", hide, { passive: true });

  const refused = () => Promise.reject(new Error("A report loads nothing."));
  const loader = { load: refused, http: refused, file: refused,
    sanitize: (uri) => (/^(https?:|mailto:|#)/i.test(uri)
      ? Promise.resolve({ href: uri, target: "_blank", rel: "noopener noreferrer" }) : refused()) };

  // The drawing library lies deflated in the page and is read when the first chart comes near.
  let library;
  const whenLibraryIsThere = () => (library ??= unpacked(document.getElementById("drawing").textContent)
    .then((text) => {
      const script = document.createElement("script");
      script.textContent = text;
      document.head.append(script);
    }));

  const views = new Map();
  const widths = new Map();
  const draw = async (figure) => {
    widths.set(figure, figure.clientWidth);
    const source = figure.querySelector(".spec");
    const live = figure.querySelector(".live");
    live.hidden = false;
    try {
      await whenLibraryIsThere();
      const given = JSON.parse(source.textContent);
      const drawn = async (stack = false, less = 0) => {
        const spec = fitted(given, figure.clientWidth, source.dataset.alt, stack, less);
        views.get(figure)?.finalize();
        views.set(figure, await vegaEmbed(live, spec, {
          mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false,
          tooltip: showTip, loader, logLevel: 1, ...(isSingle(given) ? { patch: asWideAsThePage } : {}),
        }));
        const over = live.scrollWidth - live.clientWidth;
        return over > 1 ? over : 0;
      };
      let wider = await drawn();
      if (wider && !isSingle(given)) {
        const side = leaning(given);
        if (side) wider = await drawn(false, Math.ceil(wider / side));
        const columns = side ? 0 : across(given);
        const slight = columns && wider < live.clientWidth / 4;
        if (slight) wider = await drawn(false, Math.ceil(wider / columns));
        // Panels that lean on names to their left give them up last, and only on a narrow page.
        const names = side && axisOfFirst(given.hconcat[0]) !== undefined && figure.clientWidth < 640;
        if (wider && (!side || names)) {
          wider = await drawn(true);
          for (let less = 0, turn = 0; wider && turn < 3; turn += 1) {
            less += wider;
            wider = await drawn(true, less);
          }
        }
      }
      figure.classList.add("drawn");
      figure.classList.toggle("wider", wider > 0);
      if (wider) live.tabIndex = 0;
      else live.removeAttribute("tabindex");
    } catch (error) {
      live.hidden = true;
      figure.classList.remove("drawn");
      figure.title = texts.failed;
    }
  };
  const figures = [...document.querySelectorAll("figure.chart")].filter((figure) => figure.querySelector(".spec"));
  const seen = new Set();
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      seen.add(target);
      draw(target);
    }
  }, { rootMargin: "400px 0px" });
  figures.forEach((figure) => near.observe(figure));
  dark.addEventListener("change", () => seen.forEach(draw));

  // A single chart follows the width of the page by itself; panels are laid out anew.
  let later = 0;
  addEventListener("resize", () => {
    clearTimeout(later);
    later = setTimeout(() => seen.forEach((figure) => {
      const composed = !isSingle(JSON.parse(figure.querySelector(".spec").textContent));
      if (composed && widths.get(figure) !== figure.clientWidth) draw(figure);
    }), 200);
  }, { passive: true });
})();
