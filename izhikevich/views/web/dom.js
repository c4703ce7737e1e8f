// Small help with elements; every text is set as text and never as HTML.

const SVG = "http://www.w3.org/2000/svg";

// an element with attributes, properties that begin with "on", and children
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// what stays as it is costs the browser nothing
function change(element, property, value) {
  if (element[property] !== value) element[property] = value;
}

function shown(value) {
  return String(Number(value.toPrecision(7)));
}
