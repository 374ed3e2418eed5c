// The uploads under way, each a card that changes in place.

import { element, ghosts, icon } from "/web/elements.js";
import * as words from "/web/words.js";

const RATE_WINDOW_MS = 15_000;
const LINGER_MS = 60_000; // how long one that is over stays in sight

export class UploadsView {
  #list;
  #empty;
  #count;
  #cards = new Map(); // by key, which is an upload's for good

  constructor(list, empty, count) {
    this.#list = list;
    this.#empty = empty;
    this.#count = count;
  }

  clear() {
    this.#cards.clear();
    this.#empty.hidden = true;
    this.#count.textContent = "";
    this.#list.replaceChildren();
  }

  loading() {
    this.clear();
    ghosts(this.#list, 2);
  }

  replaceAll(uploads) {
    const before = this.#cards;
    this.#cards = new Map();
    this.#list.replaceChildren();
    this.#list.setAttribute("aria-busy", "false");
    for (const upload of uploads) {
      // What was stored before this page was opened stands among the recordings.
      if (upload.state === "completed" && !before.has(upload.key)) continue;
      const card = before.get(upload.key) ?? new Card();
      this.#cards.set(upload.key, card);
      this.#list.append(card.element);
      card.show(upload);
      this.#lingerIfOver(upload);
    }
    this.#tellCount();
  }

  change(upload) {
    let card = this.#cards.get(upload.key);
    if (!card) {
      // What is told again of something stored long ago is no news here.
      if (upload.state === "aborted" || upload.state === "completed") return;
      card = new Card();
      this.#cards.set(upload.key, card);
      this.#list.prepend(card.element);
    }
    card.show(upload);
    this.#lingerIfOver(upload);
    this.#tellCount();
  }

  #lingerIfOver(upload) {
    if (upload.state !== "completed" && upload.state !== "aborted") return;
    const card = this.#cards.get(upload.key);
    if (card.isLeaving) return;
    card.isLeaving = true;
    setTimeout(() => {
      if (this.#cards.get(upload.key) !== card) return;
      this.#cards.delete(upload.key);
      card.element.remove();
      this.#tellCount();
    }, LINGER_MS);
  }

  #tellCount() {
    const underWay = [...this.#cards.values()].filter((card) => !card.isLeaving).length;
    this.#count.textContent = underWay ? `· ${underWay}` : "";
    this.#empty.hidden = this.#cards.size > 0;
  }
}

class Card {
  isLeaving = false;
  #samples = [];
  #badge = element("span", { className: "badge" });
  #name = element("span", { className: "name" });
  #state = element("span", { className: "state" });
  #facts = element("p", { className: "facts" });
  #bar = element("progress", { attributes: { max: "1" } });

  constructor() {
    this.element = element("li", { className: "card" }, this.#badge, this.#name, this.#state, this.#facts, this.#bar);
  }

  show(upload) {
    const state = words.state(upload.state);
    this.#badge.className = `badge ${state.tone}`;
    this.#badge.replaceChildren(icon(state.icon));
    this.#name.textContent = upload.fileName;
    this.#name.title = upload.fileName;
    this.#state.className = `state ${state.tone}`;
    this.#state.textContent = state.words;
    this.#facts.textContent = this.#factsOf(upload);
    this.#bar.hidden = upload.state === "completed" || upload.state === "aborted";
    this.#bar.className = upload.estimated ? "estimated" : "";
    this.#bar.setAttribute("aria-label", `Stored of ${upload.fileName}`);
    if (upload.fileSize === null) this.#bar.removeAttribute("value");
    else this.#bar.value = upload.fileSize === 0 ? 1 : upload.bytesConfirmed / upload.fileSize;
  }

  #factsOf(upload) {
    const { bytesConfirmed, fileSize, estimated } = upload;
    if (upload.state === "completed") return words.size(fileSize);
    if (upload.state === "aborted") return "Nothing was kept";
    const about = estimated && bytesConfirmed > 0 ? "about " : "";
    if (fileSize === null) return `${about}${words.size(bytesConfirmed)} stored`;
    const percent = fileSize === 0 ? 100 : Math.floor((100 * bytesConfirmed) / fileSize);
    const facts = [`${about}${words.size(bytesConfirmed)} of ${words.size(fileSize)}`, `${percent} %`];
    const rate = this.#rate(upload);
    if (rate > 0) facts.push(`${words.size(rate)}/s`, words.timeLeft((fileSize - bytesConfirmed) / rate));
    // A line is broken between facts only.
    return facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ");
  }

  // Bytes a second over the last moments; 0 while nothing is known. Estimates come in steps that say nothing of it.
  #rate({ bytesConfirmed, state, estimated }) {
    if (state !== "uploading" || estimated) return 0;
    const now = performance.now();
    const last = this.#samples.at(-1);
    if (last && bytesConfirmed < last.bytes) this.#samples = [];
    if (!last || bytesConfirmed !== last.bytes) this.#samples.push({ at: now, bytes: bytesConfirmed });
    while (this.#samples.length > 2 && now - this.#samples[0].at > RATE_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    const seconds = (now - first.at) / 1000;
    return seconds > 0.5 ? (bytesConfirmed - first.bytes) / seconds : 0;
  }
}
