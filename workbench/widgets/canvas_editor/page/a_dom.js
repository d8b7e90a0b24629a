// Elements are made here and nowhere else; data become text, never markup.

// Signs that turn the order of all that follows them; names must not turn the sentence around them.
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
const SVG = "http://www.w3.org/2000/svg";

function readable(text) {
  return String(text).replace(TURNING, "");
}

function say(element, text) {
  element.textContent = readable(text);
}

function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") say(element, value);
    else if (name === "value") element.value = value;
    else if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function make(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

function makeSvg(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG, tag), attributes, children);
}

function button(text, click, attributes = {}) {
  return make("button", { type: "button", text, click, ...attributes });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

function near(value, low, high) {
  return Math.max(low, Math.min(high, value));
}

// Names of events are long words: they may break after their signs.
function breakable(text) {
  return readable(text).split(/(?<=[_/.:-])/).flatMap((part, n) => (n ? [make("wbr"), part] : [part]));
}
