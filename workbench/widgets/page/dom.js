// Elements, keys and the one line to the kernel.
const make = (name, options = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") element.textContent = value;
    else if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key === "style") Object.assign(element.style, value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
};
const button = (label, act, options = {}) =>
  make("button", { type: "button", text: label, on: { click: act }, ...options });
const iconButton = (sign, label, act, options = {}) =>
  make("button", { type: "button", class: "wbx-icon", title: label, "aria-label": label, on: { click: act }, ...options },
    make("span", { "aria-hidden": "true", text: sign }));
const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const later = (act, wait) => {
  let timer = 0;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => act(...values), wait); };
};
let wbxCount = 0;
const fresh = (name) => `wbx-${name}-${++wbxCount}`;

// One question is on its way at a time; of what waits, the latest of a kind stays.
const SLOW = 300, LOST = 8000;
const lineTo = (model, { onSlow, onLost, onDone }) => {
  const waiting = new Map();
  let busy = null, slow = 0, lost = 0, ticket = 0;
  const go = () => {
    if (busy !== null || !waiting.size) return;
    const [key, message] = waiting.entries().next().value;
    waiting.delete(key);
    busy = `${Date.now()}-${++ticket}`;
    slow = setTimeout(onSlow, SLOW);
    lost = setTimeout(() => { busy = null; onLost(); }, LOST);
    try { model.send({ ...message, ticket: busy }); } catch {  // nobody is there any more
      clearTimeout(slow);
      clearTimeout(lost);
      busy = null;
      waiting.clear();
      onLost();
    }
  };
  return {
    ask: (message) => {
      const key = message.do === "set" ? `set ${message.name}` : message.do;
      waiting.delete(key);
      waiting.set(key, message);
      go();
    },
    done: (of) => {
      if (of !== busy) return;
      clearTimeout(slow);
      clearTimeout(lost);
      busy = null;
      onDone(waiting.size > 0);
      go();
    },
    stop: () => { clearTimeout(slow); clearTimeout(lost); waiting.clear(); },
  };
};
