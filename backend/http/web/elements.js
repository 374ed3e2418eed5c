// Makes elements. Text goes in as text and never as markup, whatever a file is called.

export const byId = (id) => document.getElementById(id);

export function element(tag, { className, text, attributes = {} } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  picture.append(use);
  return picture;
}

export function iconButton(name, label, action) {
  const button = element("button", {
    className: "quiet round",
    attributes: { type: "button", "aria-label": label, title: label },
  }, icon(name));
  button.addEventListener("click", action);
  return button;
}

export function ghosts(list, count) {
  const made = Array.from({ length: count }, () => element("li", { className: "ghost", attributes: { "aria-hidden": "true" } }));
  list.replaceChildren(...made);
  list.setAttribute("aria-busy", "true");
}

// Shows a sentence, or hides its place when there is none.
export function say(place, sentence) {
  place.textContent = sentence ?? "";
  place.hidden = !sentence;
}
